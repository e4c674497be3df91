/** A post in its conversation: what it answers from the root down, its replies oldest first. Pure. */

import type { Thread as Page } from '../wire/protocol';
import { compareIds } from './ids';
import { isHidden } from './nouns';
import type { Eyes } from './rows';
import type { Id, Thread } from './types';

export function newThread(postId: Id): Thread {
  return {
    post_id: postId,
    ancestors: [],
    replies: [],
    floor: null,
    live: new Set(),
    state: 'loading',
    refusal: null,
    ended: false,
    next: null,
    tail: null,
  };
}

/**
 * The page that was read with this `before`. The first one says the way up. Whoever had read on from there keeps how
 * far: what is new stands at the end, and is read from `tail` on.
 */
export function withThreadPage(
  thread: Thread,
  page: Page,
  before: string | null,
  eyes: Eyes,
): Thread {
  const fresh = page.replies.map((post) => post.id);
  const replies = screened(sorted([...thread.replies, ...fresh]), eyes);
  const ancestors = before === null ? page.ancestors.map((post) => post.id) : thread.ancestors;
  const whole: Thread = { ...thread, ancestors, replies, state: 'ready', refusal: null };
  if (before === null && thread.tail !== null) return whole;
  const next = page.next ?? null;
  const floor = newest(thread.floor, fresh.at(-1) ?? null);
  return { ...whole, floor, next, ended: next === null, tail: before };
}

function newest(a: Id | null, b: Id | null): Id | null {
  if (a === null || b === null) return a ?? b;
  return compareIds(a, b) > 0 ? a : b;
}

export function withLiveReply(thread: Thread, postId: Id, eyes: Eyes): Thread {
  if (thread.replies.includes(postId)) return thread;
  const replies = screened(sorted([...thread.replies, postId]), eyes);
  if (!replies.includes(postId)) return thread;
  return { ...thread, replies, live: new Set(thread.live).add(postId) };
}

/** Without replies that are deleted, and without the hidden. Deleted ancestors stay, as tombstones. */
export function prunedThread(thread: Thread, eyes: Eyes): Thread {
  const replies = screened(thread.replies, eyes);
  const ancestors = thread.ancestors.filter(
    (id) => !isHidden(eyes.nouns.posts.get(id)?.author_id, eyes.nouns),
  );
  const isWhole =
    replies.length === thread.replies.length && ancestors.length === thread.ancestors.length;
  return isWhole ? thread : { ...thread, ancestors, replies };
}

function sorted(ids: readonly Id[]): Id[] {
  return [...new Set(ids)].sort(compareIds);
}

function screened(ids: readonly Id[], { nouns }: Eyes): Id[] {
  return ids.filter((id) => {
    const post = nouns.posts.get(id);
    return post !== undefined && !post.deleted && !isHidden(post.author_id, nouns);
  });
}
