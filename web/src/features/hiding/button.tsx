/** See someone again. */

import { useActions } from '../../store/hooks';
import type { Person } from '../../store/types';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { type How, hide } from './hide';

const WORDS = { block: texts.hiding.seeBlocked, mute: texts.hiding.seeMuted } as const;

export function UnhideButton({ person, how }: { person: Person; how: How }) {
  const actions = useActions();
  return (
    <Button onClick={() => void hide(actions, how, person, false)}>
      {WORDS[how]}
      <span className="said"> {person.display_name}</span>
    </Button>
  );
}
