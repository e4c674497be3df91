/** Asking before someone is blocked: both follows end, and come back only by hand. */

import { useActions } from '../../store/hooks';
import type { Person } from '../../store/types';
import { texts } from '../../texts/texts';
import { show } from '../../ui/overlay';
import { Question } from '../../ui/question';
import { hide } from './hide';

export function askBlock(person: Person): void {
  show((close) => <BlockAsk person={person} close={close} />);
}

function BlockAsk({ person, close }: { person: Person; close: () => void }) {
  const actions = useActions();
  return (
    <Question
      title={texts.hiding.blockAsk(person.display_name)}
      what={texts.hiding.blockWhat}
      no={texts.hiding.blockNo}
      yes={texts.hiding.blockYes}
      close={close}
      onYes={() => hide(actions, 'block', person, true)}
    />
  );
}
