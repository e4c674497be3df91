/** Asking before what was written here and never sent is lost. */

import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { show } from '../../ui/overlay';

export function askSignOut(leave: () => Promise<void>): void {
  show((close) => (
    <Dialog
      title={texts.settings.unsentAsk}
      onClose={close}
      grave
      footer={
        <>
          <Button onClick={close} data-focus>
            {texts.settings.unsentStay}
          </Button>
          <Button
            kind="danger"
            onClick={() => {
              close();
              void leave();
            }}
          >
            {texts.settings.unsentLeave}
          </Button>
        </>
      }
    >
      <p>{texts.settings.unsentWhat}</p>
    </Dialog>
  ));
}
