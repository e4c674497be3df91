/** See someone again. */

import { useActions, useRelation } from '../../store/hooks';
import type { Person } from '../../store/types';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { type How, hide } from './hide';

const FACT = { block: 'blocking', mute: 'muting' } as const;
const WORDS = { block: texts.hiding.seeBlocked, mute: texts.hiding.seeMuted } as const;

export function UnhideButton({ person, how }: { person: Person; how: How }) {
  const actions = useActions();
  // The list that it stands in may still have to hear of it.
  if (useRelation(person.id)?.[FACT[how]] === false) return null;
  return (
    <Button onClick={() => hide(actions, how, person, false)}>
      {WORDS[how]}
      <span className="said"> {person.display_name}</span>
    </Button>
  );
}
