/** What was heard becomes what is shown: nouns into their tables, then into the lists. Pure. */

import type { Noun, Post, Retweet } from '../wire/protocol';
import { withRead } from './noticed';
import { Edit, sweep } from './nouns';
import type { Eyes } from './rows';
import { prunedThread, withLiveReply } from './threads';
import { listsOf, pruned, type Suspects, withFaces, withLive, withUndone } from './timelines';
import type { Id, Nouns, State, Timeline, TimelineKey } from './types';

/** A noun, and the topic on which it came. */
export interface Heard {
  readonly topic: string;
  readonly noun: Noun;
}

/** Apply all of these at once. Twice, late or in another order, it comes to the same. */
export function applied(state: State, heard: readonly Heard[]): State {
  if (heard.length === 0) return state;
  const edit = new Edit(state.nouns);
  const undone: Retweet[] = [];
  const fresh = new Set<Id>();
  for (const { noun } of heard) {
    if (noun.kind === 'retweet') {
      // One that comes and goes in the same moment was never counted.
      if (!noun.deleted && !edit.nouns.retweets.has(noun.id)) fresh.add(noun.id);
      else if (isNewlyUndone(edit.nouns, noun) && !fresh.has(noun.id)) undone.push(noun);
    }
    edit.put(noun);
  }
  const eyes = { nouns: edit.nouns, me: state.account.user_id };
  const notices = withRead(state.notices, heard);
  let next = placed({ ...state, nouns: edit.nouns, notices }, heard, eyes);
  for (const retweet of undone) next = overLists(next, (list) => withUndone(list, retweet));
  const suspects = suspectsOf(heard);
  if (suspects === null || suspects.size > 0) next = prunedAll(next, suspects);
  return overLists(next, (list) => withFaces(list, eyes.nouns));
}

function isNewlyUndone(nouns: Nouns, retweet: Retweet): boolean {
  return retweet.deleted && nouns.retweets.get(retweet.id)?.deleted !== true;
}

/** The posts whose rows may have to go; null: any, because somebody was hidden, or is gone. */
function suspectsOf(heard: readonly Heard[]): Suspects {
  const posts = new Set<Id>();
  for (const { noun } of heard) {
    if (noun.kind === 'relation' || (noun.kind === 'user' && noun.deleted)) return null;
    if (noun.kind === 'post' && noun.deleted) posts.add(noun.id);
    if (noun.kind === 'retweet' && noun.deleted) posts.add(noun.post.id);
  }
  return posts;
}

/** Look at the rows of these posts in every list again. */
export function prunedAll(state: State, suspects: Suspects = null): State {
  const eyes = { nouns: state.nouns, me: state.account.user_id };
  const next = overLists(state, (list) => pruned(list, eyes, suspects));
  const isSuspect = (id: Id) => suspects === null || suspects.has(id);
  const threads = new Map(
    [...next.threads].map(([id, thread]) => [
      id,
      thread.replies.some(isSuspect) ? prunedThread(thread, eyes) : thread,
    ]),
  );
  return { ...next, threads };
}

/** Put what is new into the lists and threads that it belongs to, each list once. */
function placed(state: State, heard: readonly Heard[], eyes: Eyes): State {
  const news = new Map<TimelineKey, (Post | Retweet)[]>();
  let next = state;
  for (const { topic, noun } of heard) {
    if ((noun.kind !== 'post' && noun.kind !== 'retweet') || noun.deleted) continue;
    if (noun.kind === 'post') next = withReply(next, noun, eyes);
    for (const key of keysOf(topic, noun)) {
      const list = news.get(key) ?? [];
      list.push(noun);
      news.set(key, list);
    }
  }
  return overLists(next, (list) => withLive(list, news.get(list.key) ?? [], eyes));
}

function keysOf(topic: string, noun: Post | Retweet): readonly TimelineKey[] {
  if (topic.startsWith('author:')) {
    return noun.kind === 'post'
      ? listsOf(noun.author.id, noun.media.length > 0)
      : listsOf(noun.user.id, false);
  }
  return topic === 'explore' && noun.kind === 'post' ? ['explore'] : [];
}

function withReply(state: State, post: Post, eyes: Eyes): State {
  const thread = post.reply_to === null ? undefined : state.threads.get(post.reply_to);
  if (thread === undefined) return state;
  const next = withLiveReply(thread, post.id, eyes);
  if (next === thread) return state;
  return { ...state, threads: new Map(state.threads).set(thread.post_id, next) };
}

/** Change each list; the same state when none changed. */
export function overLists(state: State, turn: (timeline: Timeline) => Timeline): State {
  let isChanged = false;
  const timelines = new Map<TimelineKey, Timeline>();
  for (const [key, timeline] of state.timelines) {
    const next = turn(timeline);
    isChanged ||= next !== timeline;
    timelines.set(key, next);
  }
  return isChanged ? { ...state, timelines } : state;
}

/** Forget the posts that nothing shows, so that a page left open for days stays small. `seen` are on screen. */
export function swept(state: State, seen: Iterable<Id>): State {
  const shown = new Set<Id>(seen);
  for (const { rows, waiting } of state.timelines.values()) {
    for (const row of [...rows, ...waiting]) if (row.kind === 'entry') shown.add(row.post_id);
  }
  for (const thread of state.threads.values()) {
    for (const id of [...thread.ancestors, thread.post_id, ...thread.replies]) shown.add(id);
  }
  for (const id of named(state)) shown.add(id);
  return { ...state, nouns: sweep(state.nouns, shown) };
}

/** Posts that are no rows of anything: those that drafts and notices are about. */
function named({ drafts, nouns }: State): readonly Id[] {
  const ids = drafts.flatMap(({ reply_to, quote_of }) => [reply_to ?? [], quote_of ?? []].flat());
  return [...ids, ...[...nouns.notices.values()].flatMap(({ post_id }) => post_id ?? [])];
}
