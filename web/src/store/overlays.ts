/** Optimism: what I just did, laid over what the server last said, and dropped without a trace. */

import type { Counts, Mine, Relation } from '../wire/protocol';
import type { Deed, KeptDeed } from './kept';
import { isHidden } from './nouns';
import type {
  Id,
  Nouns,
  Overlays,
  Person,
  PostOverlay,
  ProfileChange,
  RelationOverlay,
} from './types';

export const NO_OVERLAYS: Overlays = { posts: new Map(), relations: new Map(), profile: null };

const BARE: PostOverlay = { reactions: new Map(), retweet: null, removed: false };

/** All that I did and the server has not confirmed, the oldest first, as it is laid over the rest. */
export function overlaysOf(deeds: readonly KeptDeed[]): Overlays {
  return deeds.reduce(laid, NO_OVERLAYS);
}

function laid(overlays: Overlays, { deed, v }: KeptDeed): Overlays {
  switch (deed.type) {
    case 'follow.set':
      return withRelation(overlays, deed.fields.user_id, { following: deed.fields.on });
    case 'mute.set':
      return withRelation(overlays, deed.fields.user_id, { muting: deed.fields.on });
    case 'block.set': {
      const { user_id, on } = deed.fields;
      // A block ends the follow, too; that does not come back with its end.
      return withRelation(
        overlays,
        user_id,
        on ? { blocking: true, following: false } : { blocking: false },
      );
    }
    case 'profile.update':
      return { ...overlays, profile: { change: deed.shown } };
    default:
      return withPost(overlays, deed.fields.post_id, (known) => onPost(known, deed, v));
  }
}

function onPost(
  known: PostOverlay,
  deed: Extract<Deed, { readonly fields: { readonly post_id: Id } }>,
  v: number,
): PostOverlay {
  switch (deed.type) {
    case 'react.set': {
      const { emoji, on } = deed.fields;
      return { ...known, reactions: new Map(known.reactions).set(emoji, { on, v }) };
    }
    case 'retweet.set':
      return { ...known, retweet: { on: deed.fields.on, v } };
    case 'post.delete':
      return { ...known, removed: true };
  }
}

function withRelation(overlays: Overlays, userId: Id, change: RelationOverlay): Overlays {
  const relations = new Map(overlays.relations);
  return { ...overlays, relations: relations.set(userId, { ...relations.get(userId), ...change }) };
}

function withPost(
  overlays: Overlays,
  postId: Id,
  turn: (known: PostOverlay) => PostOverlay,
): Overlays {
  const known = overlays.posts.get(postId) ?? BARE;
  return { ...overlays, posts: new Map(overlays.posts).set(postId, turn(known)) };
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
  overlay: RelationOverlay | undefined,
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
  return { ...base, ...overlay };
}

/** Whether I block or mute this person. */
export function hiddenShown(
  userId: Id | null | undefined,
  nouns: Nouns,
  { relations }: Overlays,
): boolean {
  if (!userId) return false;
  const overlay = relations.get(userId);
  if (overlay === undefined) return isHidden(userId, nouns);
  const { blocking, muting } = { ...nouns.relations.get(userId), ...overlay };
  return blocking === true || muting === true;
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
