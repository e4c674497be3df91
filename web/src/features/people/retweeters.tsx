/** Who retweeted a post. */

import { useCounts } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { Dialog } from '../../ui/dialog';
import { PeopleList } from './list';
import { useRenewed } from './use-renewed';

export function Retweeters({ postId, close }: { postId: string; close: () => void }) {
  const counts = useCounts(postId);
  useRenewed(`retweets:${postId}`, counts?.v);
  return (
    <Dialog title={texts.retweet.title(counts?.retweets ?? 0)} onClose={close}>
      <PeopleList list={`retweets:${postId}`} empty={texts.react.nobody} />
    </Dialog>
  );
}
