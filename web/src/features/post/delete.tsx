/** Asking before a post is gone for good. */

import { useActions } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { show } from '../../ui/overlay';
import { say } from '../../ui/toasts';

export function askDelete(postId: string): void {
  show((close) => <DeleteAsk postId={postId} close={close} />);
}

function DeleteAsk({ postId, close }: { postId: string; close: () => void }) {
  const actions = useActions();
  const remove = async () => {
    close();
    const refusal = await actions.remove(postId);
    say(refusal ? refusal.message : texts.act.deleted);
  };
  return (
    <Dialog
      title={texts.act.deleteAsk}
      onClose={close}
      grave
      footer={
        <>
          <Button onClick={close} data-focus>
            {texts.act.keepIt}
          </Button>
          <Button kind="danger" onClick={remove}>
            {texts.act.deleteYes}
          </Button>
        </>
      }
    >
      <p>{texts.act.deleteWhat}</p>
    </Dialog>
  );
}
