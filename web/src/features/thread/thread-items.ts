/** The rows of a thread: what it answers, itself, and its replies, some with theirs. Pure. */

import { compareIds } from '../../store/ids';
import type { Draft, Id, Thread } from '../../store/types';
import { PASSING } from '../../ui/scroll-memory';

export type ThreadItem =
  | { key: string; kind: 'ancestor'; id: Id; first: boolean }
  | { key: string; kind: 'focal' }
  | { key: string; kind: 'reply'; id: Id; to: Id; fresh: boolean; open: boolean }
  | { key: string; kind: 'draft'; draft: Draft }
  /** More replies to `id` are wanted as soon as this is in sight, or on their way. */
  | { key: string; kind: 'more'; id: Id; busy: boolean }
  | { key: string; kind: 'failed'; id: Id }
  | { key: string; kind: 'bones' };

interface Asked {
  readonly postId: Id;
  readonly threads: ReadonlyMap<Id, Thread>;
  /** Replies below which their own replies are shown. */
  readonly open: ReadonlySet<Id>;
  /** Newest first. */
  readonly drafts: readonly Draft[];
}

export function threadItems(asked: Asked): ThreadItem[] {
  const thread = asked.threads.get(asked.postId);
  const ancestors = (thread?.ancestors ?? []).map((id, index): ThreadItem => {
    return { key: id, kind: 'ancestor', id, first: index === 0 };
  });
  const seen = new Set([asked.postId, ...(thread?.ancestors ?? [])]);
  return [...ancestors, { key: asked.postId, kind: 'focal' }, ...below(asked.postId, asked, seen)];
}

function below(id: Id, asked: Asked, seen: Set<Id>): ThreadItem[] {
  const thread = asked.threads.get(id);
  if (thread === undefined || thread.state === 'missing') return [];
  const items: ThreadItem[] = [];
  let isCut = false;
  for (const reply of thread.replies) {
    if (seen.has(reply)) continue;
    seen.add(reply);
    // What came by itself stands below what has not been read yet.
    if (!isCut && !isReached(thread, reply)) {
      isCut = true;
      items.push(...rest(thread));
    }
    const open = asked.open.has(reply);
    items.push({
      key: reply,
      kind: 'reply',
      id: reply,
      to: id,
      fresh: thread.live.has(reply),
      open,
    });
    if (open) items.push(...below(reply, asked, seen));
  }
  if (!isCut) items.push(...rest(thread));
  return [...items, ...draftsBelow(id, asked)];
}

/** Those that answer `id`, each with those that answer it before it is sent. */
function draftsBelow(id: Id, asked: Asked): ThreadItem[] {
  return asked.drafts
    .filter((draft) => draft.reply_to === id)
    .flatMap((draft) => [
      { key: draft.key, kind: 'draft', draft } as const,
      ...draftsBelow(draft.key, asked),
    ]);
}

function isReached(thread: Thread, reply: Id): boolean {
  return thread.ended || (thread.floor !== null && compareIds(reply, thread.floor) <= 0);
}

/** What stands where the pages that were read end. */
function rest(thread: Thread): ThreadItem[] {
  const { post_id: id, state, ended } = thread;
  if (state === 'failed') return [{ key: `${PASSING}failed ${id}`, kind: 'failed', id }];
  if (state === 'loading') return [{ key: `${PASSING}bones ${id}`, kind: 'bones' }];
  if (ended) return [];
  return [{ key: `${PASSING}more ${id}`, kind: 'more', id, busy: state === 'more' }];
}
