/** Asking before what was written here and never sent is lost. */

import { texts } from '../../texts/texts';
import { show } from '../../ui/overlay';
import { Question } from '../../ui/question';

export function askSignOut(leave: () => Promise<void>): void {
  show((close) => (
    <Question
      title={texts.settings.unsentAsk}
      what={texts.settings.unsentWhat}
      no={texts.settings.unsentStay}
      yes={texts.settings.unsentLeave}
      close={close}
      onYes={() => void leave()}
    />
  ));
}
