/** Asking before a post is gone for good. */

import { useActions } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { show } from '../../ui/overlay';
import { Question } from '../../ui/question';
import { say } from '../../ui/toasts';

export function askDelete(postId: string): void {
  show((close) => <DeleteAsk postId={postId} close={close} />);
}

function DeleteAsk({ postId, close }: { postId: string; close: () => void }) {
  const actions = useActions();
  const remove = async () => {
    const refusal = await actions.remove(postId);
    say(refusal ? refusal.message : texts.act.deleted);
  };
  return (
    <Question
      title={texts.act.deleteAsk}
      what={texts.act.deleteWhat}
      no={texts.act.keepIt}
      yes={texts.act.deleteYes}
      close={close}
      onYes={() => void remove()}
    />
  );
}
