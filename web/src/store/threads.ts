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
    state: 'loading',
    refusal: null,
    ended: false,
    next: null,
  };
}

/**
 * A page of it. `isFirst`: read from the start again, so the way up is as the page says; the replies
 * join those already here, and how far it goes on is kept when more had been read.
 */
export function withThreadPage(thread: Thread, page: Page, isFirst: boolean, eyes: Eyes): Thread {
  const fresh = page.replies.map((post) => post.id);
  const replies = screened(sorted([...thread.replies, ...fresh]), eyes);
  const last = fresh.at(-1);
  const isBehind =
    isFirst && thread.state !== 'loading' && last !== undefined && thread.next !== null
      ? thread.replies.some((id) => compareIds(id, last) > 0)
      : false;
  const next = isBehind ? thread.next : (page.next ?? null);
  return {
    ...thread,
    ancestors: isFirst ? page.ancestors.map((post) => post.id) : thread.ancestors,
    replies,
    state: 'ready',
    refusal: null,
    next,
    ended: next === null,
  };
}

export function withLiveReply(thread: Thread, postId: Id, eyes: Eyes): Thread {
  if (thread.replies.includes(postId)) return thread;
  const replies = screened(sorted([...thread.replies, postId]), eyes);
  return replies.includes(postId) ? { ...thread, replies } : thread;
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
