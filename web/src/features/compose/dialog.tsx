/** The composer over the page: to write, to reply, to quote. */

import { StillQuote } from '../../parts/quote';
import type { Slot } from '../../store/api';
import { usePost, useUser } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { Dialog } from '../../ui/dialog';
import { Composer } from './composer';

interface Props {
  slot: Slot;
  close: () => void;
}

function wordsFor(slot: Slot, shown: string) {
  const t = texts.compose;
  if (slot.startsWith('reply:'))
    return {
      title: t.titleReply(shown),
      label: t.replyLabel(shown),
      hint: t.replyPlaceholder(shown),
      action: t.reply,
    };
  if (slot.startsWith('quote:'))
    return {
      title: t.titleQuote(shown),
      label: t.titleQuote(shown),
      hint: t.quotePlaceholder,
      action: t.quote,
    };
  return { title: t.titleNew, label: t.write, hint: t.placeholder, action: t.post };
}

export function ComposeDialog({ slot, close }: Props) {
  const about = slot.includes(':') ? slot.slice(slot.indexOf(':') + 1) : null;
  const post = usePost(about);
  const author = useUser(post?.author_id);
  const { title, label, hint, action } = wordsFor(slot, author?.display_name ?? '');
  const quote = post && author && !post.deleted ? <StillQuote post={post} author={author} /> : null;
  const isReply = slot.startsWith('reply:');
  return (
    <Dialog title={title} onClose={close}>
      {isReply ? quote : null}
      <Composer
        slot={slot}
        label={label}
        placeholder={hint}
        action={action}
        begins
        onSent={close}
      />
      {isReply ? null : quote}
    </Dialog>
  );
}
