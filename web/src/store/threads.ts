/** A post in its conversation: what it answers from the root down, its replies oldest first. Pure. */

import type { Thread as Page } from '../wire/protocol';
import { compareIds } from './ids';
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

/** Without replies that are deleted or hidden. Ancestors stay in their places, as tombstones. */
export function prunedThread(thread: Thread, eyes: Eyes): Thread {
  const replies = screened(thread.replies, eyes);
  return replies.length === thread.replies.length ? thread : { ...thread, replies };
}

function sorted(ids: readonly Id[]): Id[] {
  return [...new Set(ids)].sort(compareIds);
}

function screened(ids: readonly Id[], { nouns }: Eyes): Id[] {
  return ids.filter((id) => {
    const post = nouns.posts.get(id);
    if (post === undefined || post.deleted) return false;
    const relation = nouns.relations.get(post.author_id);
    return relation?.blocking !== true && relation?.muting !== true;
  });
}
