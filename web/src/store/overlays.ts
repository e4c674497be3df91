/** Optimism: what I just did, laid over what the server last said, and dropped without a trace. */

import type { Counts, Mine, Relation } from '../wire/protocol';
import type { Id, Overlays, Person, PostOverlay, ProfileChange } from './types';

export const NO_OVERLAYS: Overlays = { posts: new Map(), follows: new Map(), profile: null };

const BARE: PostOverlay = { reactions: new Map(), retweet: null, removed: null };

/** A deed on a post. `token` tells it from a later one of the same kind; `v` is that of the counts then. */
export type PostDeed =
  | { readonly what: 'react'; readonly emoji: string; readonly on: boolean; readonly v: number }
  | { readonly what: 'retweet'; readonly on: boolean; readonly v: number }
  | { readonly what: 'remove' };

export function lay(overlays: Overlays, postId: Id, deed: PostDeed, token: number): Overlays {
  const known = overlays.posts.get(postId) ?? BARE;
  return withPost(overlays, postId, laid(known, deed, token));
}

function laid(known: PostOverlay, deed: PostDeed, token: number): PostOverlay {
  switch (deed.what) {
    case 'react': {
      const one = { on: deed.on, token, v: deed.v };
      return { ...known, reactions: new Map(known.reactions).set(deed.emoji, one) };
    }
    case 'retweet':
      return { ...known, retweet: { on: deed.on, token, v: deed.v } };
    case 'remove':
      return { ...known, removed: token };
  }
}

/** Take the deed with this token away; one that was replaced by a later one stays. */
export function lift(overlays: Overlays, postId: Id, token: number): Overlays {
  const known = overlays.posts.get(postId);
  if (known === undefined) return overlays;
  const reactions = new Map([...known.reactions].filter(([, one]) => one.token !== token));
  const retweet = known.retweet?.token === token ? null : known.retweet;
  const removed = known.removed === token ? null : known.removed;
  return withPost(overlays, postId, { reactions, retweet, removed });
}

function withPost(overlays: Overlays, postId: Id, overlay: PostOverlay): Overlays {
  const posts = new Map(overlays.posts);
  if (overlay.reactions.size === 0 && overlay.retweet === null && overlay.removed === null) {
    posts.delete(postId);
  } else {
    posts.set(postId, overlay);
  }
  return { ...overlays, posts };
}

export function layFollow(overlays: Overlays, userId: Id, on: boolean, token: number): Overlays {
  return { ...overlays, follows: new Map(overlays.follows).set(userId, { on, token }) };
}

export function liftFollow(overlays: Overlays, userId: Id, token: number): Overlays {
  if (overlays.follows.get(userId)?.token !== token) return overlays;
  const follows = new Map(overlays.follows);
  follows.delete(userId);
  return { ...overlays, follows };
}

export function layProfile(overlays: Overlays, change: ProfileChange, token: number): Overlays {
  // A second change while the first is on its way shows both; its own answer ends both.
  return { ...overlays, profile: { change: { ...overlays.profile?.change, ...change }, token } };
}

export function liftProfile(overlays: Overlays, token: number): Overlays {
  return overlays.profile?.token === token ? { ...overlays, profile: null } : overlays;
}

/** My part in a post with what I just did; the same object when nothing is pending. */
export function mineShown(
  postId: Id,
  mine: Mine | undefined,
  overlay: PostOverlay | undefined,
): Mine | undefined {
  if (overlay === undefined) return mine;
  const base = mine ?? { kind: 'mine', post_id: postId, v: 0, reactions: [], retweeted: false };
  const reactions = new Set(base.reactions);
  for (const [emoji, { on }] of overlay.reactions) {
    if (on) reactions.add(emoji);
    else reactions.delete(emoji);
  }
  const retweeted = overlay.retweet?.on ?? base.retweeted;
  return { ...base, reactions: [...reactions], retweeted };
}

/**
 * The numbers with what I just did. A deed counts only until newer numbers come, which may hold
 * it already: so one tap never shows as two.
 */
export function countsShown(
  postId: Id,
  counts: Counts | undefined,
  mine: Mine | undefined,
  overlay: PostOverlay | undefined,
): Counts | undefined {
  if (overlay === undefined) return counts;
  const base = counts ?? bareCounts(postId);
  const reactions: Record<string, number> = { ...base.reactions };
  for (const [emoji, deed] of overlay.reactions) {
    if (base.v !== deed.v) continue;
    const n = (reactions[emoji] ?? 0) + step(deed.on, mine?.reactions.includes(emoji) ?? false);
    if (n > 0) reactions[emoji] = n;
    else delete reactions[emoji];
  }
  const retweet = overlay.retweet;
  const passed = retweet && base.v === retweet.v ? step(retweet.on, mine?.retweeted ?? false) : 0;
  return { ...base, reactions, retweets: Math.max(0, base.retweets + passed) };
}

function step(on: boolean, was: boolean): number {
  return Number(on) - Number(was);
}

function bareCounts(postId: Id): Counts {
  return {
    kind: 'counts',
    post_id: postId,
    v: 0,
    reactions: {},
    retweets: 0,
    replies: 0,
    quotes: 0,
  };
}

export function relationShown(
  userId: Id,
  relation: Relation | undefined,
  overlay: { readonly on: boolean } | undefined,
): Relation | undefined {
  if (overlay === undefined) return relation;
  const base = relation ?? {
    kind: 'relation' as const,
    user_id: userId,
    seq: 0,
    following: false,
    followed_by: false,
    blocking: false,
    muting: false,
  };
  return { ...base, following: overlay.on };
}

export function personShown(
  person: Person | undefined,
  change: ProfileChange | undefined,
): Person | undefined {
  if (person === undefined || change === undefined) return person;
  const about =
    person.about && change.bio !== undefined ? { ...person.about, bio: change.bio } : person.about;
  return {
    ...person,
    about,
    display_name: change.display_name ?? person.display_name,
    avatar: change.avatar === undefined ? person.avatar : change.avatar,
  };
}
