/** One row of a list: which post, who carried it there, and how two sources of it become one. Pure. */

import type { Author, Post, Retweet, Entry as Wire } from '../wire/protocol';
import { compareIds, isNewer, newestFirst } from './ids';
import { isHidden } from './nouns';
import type { Entry, Id, Nouns, Row, TimelineKey } from './types';

/** With whose eyes a list is read. */
export interface Eyes {
  readonly nouns: Nouns;
  /** Null for a visitor. */
  readonly me: Id | null;
}

/** What a noun of a page or an event puts into this list; null: nothing that may be shown. */
export function entryOf(key: TimelineKey, noun: Wire, eyes: Eyes): Entry | null {
  if (noun.kind === 'post') return screened(key, ofPost(noun), eyes);
  return screened(key, ofRetweet(noun), eyes);
}

function ofPost(post: Post): Entry {
  const { id } = post;
  return { kind: 'entry', id, post_id: id, own: true, by: [], others: 0, retweets: [] };
}

function ofRetweet(retweet: Retweet): Entry {
  const { id, user, post } = retweet;
  const also = (retweet.also ?? []).map((author: Author) => author.id);
  return {
    kind: 'entry',
    id,
    post_id: post.id,
    own: false,
    by: [user.id, ...also],
    others: retweet.also_count ?? 0,
    retweets: [{ id, user_id: user.id }],
  };
}

/** The entry without what is deleted, hidden or no longer followed; null when nothing carries it. */
export function screened(key: TimelineKey, entry: Entry, eyes: Eyes): Entry | null {
  const { nouns } = eyes;
  const post = nouns.posts.get(entry.post_id);
  if (post?.deleted || isAway(post?.author_id, nouns)) return null;
  const own = isOwn(key, entry, post?.author_id, eyes);
  const retweets = entry.retweets.filter(
    ({ id, user_id }) =>
      nouns.retweets.get(id)?.deleted !== true &&
      !isAway(user_id, nouns) &&
      isHeard(key, user_id, eyes),
  );
  const named = new Set(retweets.map((r) => r.user_id));
  const lost = new Set(entry.retweets.map((r) => r.user_id).filter((id) => !named.has(id)));
  const by = entry.by.filter(
    (user) => named.has(user) || (!lost.has(user) && isCarrying(key, user, entry.post_id, eyes)),
  );
  const isWhole =
    own === entry.own && retweets.length === entry.retweets.length && by.length === entry.by.length;
  if (isWhole) return entry;
  if (!own && by.length === 0) return null;
  return placed({ ...entry, own, retweets, by });
}

/**
 * Where a retweet carries a post, a page does not say whether the post stands here for itself too;
 * it then stays when the retweet is undone.
 */
function isOwn(key: TimelineKey, entry: Entry, author: Id | undefined, eyes: Eyes): boolean {
  if (author === undefined) return entry.own;
  if (key === `user:${author}`) return true;
  if (key !== 'home') return entry.own;
  if (author === eyes.me) return true;
  return eyes.nouns.relations.get(author)?.following ?? entry.own;
}

/** Someone named in `also`, whose retweet has no id here. */
function isCarrying(key: TimelineKey, userId: Id, postId: Id, eyes: Eyes): boolean {
  const last = eyes.nouns.passes.get(`${userId}/${postId}`);
  if (last !== undefined && eyes.nouns.retweets.get(last)?.deleted === true) return false;
  return !isAway(userId, eyes.nouns) && isHeard(key, userId, eyes);
}

/** By me, or by leaving. */
function isAway(userId: Id | undefined, nouns: Nouns): boolean {
  if (userId === undefined) return false;
  return isHidden(userId, nouns) || nouns.people.get(userId)?.deleted === true;
}

/** Home holds those whom I follow, and myself. Of whom nothing is known yet, the server was right. */
function isHeard(key: TimelineKey, userId: Id | undefined, { nouns, me }: Eyes): boolean {
  if (key !== 'home' || userId === undefined || userId === me) return true;
  return nouns.relations.get(userId)?.following !== false;
}

/** The place follows from what is known; while someone's retweet has no id, the old one stays. */
function placed(entry: Entry): Entry {
  const ids = entry.retweets.map((r) => r.id);
  if (entry.own) ids.push(entry.post_id);
  const isVague = entry.by.length > entry.retweets.length;
  if (isVague || ids.length === 0) ids.push(entry.id);
  const id = ids.reduce((a, b) => (isNewer(b, a) ? b : a));
  return id === entry.id ? entry : { ...entry, id };
}

/** The same post from two sources is one row. Order and repetition make no difference. */
export function joined(a: Entry, b: Entry): Entry {
  const newest = new Map<Id, Id>();
  for (const { id, user_id } of [...a.retweets, ...b.retweets]) {
    const known = newest.get(user_id);
    if (known === undefined || isNewer(id, known)) newest.set(user_id, id);
  }
  const retweets = [...newest].map(([user_id, id]) => ({ id, user_id })).sort(newestFirst);
  const named = retweets.map((r) => r.user_id);
  const vague = [...a.by, ...b.by].filter((user) => !newest.has(user));
  const by = [...named, ...new Set(vague)];
  const total = Math.max(a.by.length + a.others, b.by.length + b.others, by.length);
  const id = isNewer(a.id, b.id) ? a.id : b.id;
  return placed({ ...a, id, own: a.own || b.own, retweets, by, others: total - by.length });
}

/** Each live retweet that is newer than all that are known here is one more person. */
export function joinedLive(known: Entry, live: Entry): Entry {
  const next = joined(known, live);
  const more = live.retweets.filter(
    ({ id, user_id }) => !known.by.includes(user_id) && isNewer(id, known.id),
  );
  const total = known.by.length + known.others + more.length;
  return { ...next, others: Math.max(0, total - next.by.length) };
}

/** Sorts the newest first; a gap stands above the row that it was found above. */
export function before(a: Row, b: Row): number {
  const order = compareIds(b.id, a.id);
  return order !== 0 ? order : Number(b.kind === 'gap') - Number(a.kind === 'gap');
}

/** The rows with these among them, one row a post; rows that come to the same stay the same object. */
export function withEntries(
  rows: readonly Row[],
  entries: readonly Entry[],
  join: (known: Entry, more: Entry) => Entry = joined,
): readonly Row[] {
  if (entries.length === 0) return rows;
  const news = new Map<Id, Entry>();
  for (const entry of entries) {
    const twin = news.get(entry.post_id);
    news.set(entry.post_id, twin === undefined ? entry : joined(twin, entry));
  }
  const kept: Row[] = [];
  for (const row of rows) {
    const more = row.kind === 'entry' ? news.get(row.post_id) : undefined;
    if (row.kind === 'gap' || more === undefined) kept.push(row);
    else news.set(row.post_id, same(row, join(row, more)));
  }
  return merged([...news.values()].sort(before), kept);
}

/** Two sorted lists as one; mostly one of them stands above the other. */
function merged(above: readonly Row[], below: readonly Row[]): readonly Row[] {
  const last = above.at(-1);
  const first = below[0];
  const isApart = last === undefined || first === undefined || before(last, first) <= 0;
  return isApart ? [...above, ...below] : [...below, ...above].sort(before);
}

function same(known: Entry, next: Entry): Entry {
  const isSame =
    known.id === next.id &&
    known.own === next.own &&
    known.others === next.others &&
    known.by.length === next.by.length &&
    known.by.every((user, i) => user === next.by[i]) &&
    known.retweets.every((r, i) => r.id === next.retweets[i]?.id) &&
    known.retweets.length === next.retweets.length;
  return isSame ? known : next;
}
