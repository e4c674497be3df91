/** Asking before someone is blocked: both follows end, and come back only by hand. */

import { useActions } from '../../store/hooks';
import type { Person } from '../../store/types';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { show } from '../../ui/overlay';
import { hide } from './hide';

export function askBlock(person: Person): void {
  show((close) => <BlockAsk person={person} close={close} />);
}

function BlockAsk({ person, close }: { person: Person; close: () => void }) {
  const actions = useActions();
  const block = () => {
    close();
    hide(actions, 'block', person, true);
  };
  return (
    <Dialog
      title={texts.hiding.blockAsk(person.display_name)}
      onClose={close}
      grave
      footer={
        <>
          <Button onClick={close} data-focus>
            {texts.hiding.blockNo}
          </Button>
          <Button kind="danger" onClick={block}>
            {texts.hiding.blockYes}
          </Button>
        </>
      }
    >
      <p>{texts.hiding.blockWhat}</p>
    </Dialog>
  );
}
