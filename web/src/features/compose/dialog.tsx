/** The composer over the page: to write, to reply, to quote. */

import { useLayoutEffect } from 'react';
import { StillQuote } from '../../parts/quote';
import type { Slot } from '../../store/api';
import { useAccount, useDraft, useMe, usePost, useSlotNow, useUser } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { Dialog } from '../../ui/dialog';
import { Composer } from './composer';
import { placeOf, words } from './words';

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

/** What is answered or quoted: a post, or one that is on its way. */
function useAbout(id: string | null) {
  const post = usePost(id);
  const author = useUser(post?.author_id);
  const draft = useDraft(id);
  const me = useMe();
  if (post) return { post: post.deleted ? undefined : post, author };
  if (!draft) return { post: undefined, author: undefined };
  const media = draft.pictures.flatMap((picture) => picture.media ?? []);
  const { text, created_at } = draft;
  return { post: { id: draft.key, text, media, created_at }, author: me };
}

/** What was written before the post that it answers was sent stays in the box. */
function useMoved(from: Slot, to: Slot): void {
  const { user_id } = useAccount();
  useLayoutEffect(() => {
    const text = words.getState().by[placeOf(user_id, from)];
    if (from !== to && text !== undefined) words.getState().put(placeOf(user_id, to), text);
  }, [from, to, user_id]);
}

export function ComposeDialog({ slot: asked, close }: Props) {
  const slot = useSlotNow(asked);
  useMoved(asked, slot);
  const about = slot.includes(':') ? slot.slice(slot.indexOf(':') + 1) : null;
  const { post, author } = useAbout(about);
  const { title, label, hint, action } = wordsFor(slot, author?.display_name ?? '');
  const quote = post && author ? <StillQuote post={post} author={author} /> : null;
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
