/** What was heard becomes what is shown: nouns into their tables, then into the lists. Pure. */

import type { Noun, Post, Retweet } from '../wire/protocol';
import { Edit, sweep } from './nouns';
import { prunedThread, withLiveReply } from './threads';
import { type Eyes, listsOf, pruned, withFaces, withLive, withUndone } from './timelines';
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
  for (const { noun } of heard) {
    if (noun.kind === 'retweet' && isNewlyUndone(edit.nouns, noun)) undone.push(noun);
    edit.put(noun);
  }
  const eyes = { nouns: edit.nouns, me: state.account.user_id };
  let next: State = { ...state, nouns: edit.nouns };
  for (const one of heard) next = placed(next, one, eyes);
  for (const retweet of undone) next = overLists(next, (list) => withUndone(list, retweet));
  if (heard.some(({ noun }) => mayHide(noun))) next = prunedAll(next);
  return overLists(next, (list) => withFaces(list, eyes.nouns));
}

function isNewlyUndone(nouns: Nouns, retweet: Retweet): boolean {
  return retweet.deleted && nouns.retweets.get(retweet.id)?.deleted !== true;
}

function mayHide(noun: Noun): boolean {
  if (noun.kind === 'relation') return true;
  return (noun.kind === 'post' || noun.kind === 'retweet' || noun.kind === 'user') && noun.deleted;
}

/** Look at every row of every list again. */
export function prunedAll(state: State): State {
  const eyes = { nouns: state.nouns, me: state.account.user_id };
  const next = overLists(state, (list) => pruned(list, eyes));
  const threads = new Map(
    [...next.threads].map(([id, thread]) => [id, prunedThread(thread, eyes)]),
  );
  return { ...next, threads };
}

function placed(state: State, { topic, noun }: Heard, eyes: Eyes): State {
  if (noun.kind === 'post') return noun.deleted ? state : placedPost(state, topic, noun, eyes);
  if (noun.kind === 'retweet' && !noun.deleted && topic.startsWith('author:')) {
    return inLists(state, listsOf(noun.user.id, false), noun, eyes);
  }
  return state;
}

function placedPost(state: State, topic: string, post: Post, eyes: Eyes): State {
  const parent = post.reply_to;
  const thread = parent === null ? undefined : state.threads.get(parent);
  const threads =
    thread === undefined || parent === null
      ? state.threads
      : new Map(state.threads).set(parent, withLiveReply(thread, post.id, eyes));
  const next = threads === state.threads ? state : { ...state, threads };
  if (topic.startsWith('author:')) {
    return inLists(next, listsOf(post.author.id, post.media.length > 0), post, eyes);
  }
  return topic === 'explore' ? inLists(next, ['explore'], post, eyes) : next;
}

function inLists(
  state: State,
  keys: readonly TimelineKey[],
  noun: Post | Retweet,
  eyes: Eyes,
): State {
  let timelines = state.timelines;
  for (const key of keys) {
    const known = timelines.get(key);
    if (known === undefined) continue;
    const next = withLive(known, noun, eyes);
    if (next !== known) timelines = new Map(timelines).set(key, next);
  }
  return timelines === state.timelines ? state : { ...state, timelines };
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

/** Forget the posts that nothing shows, so that a page left open for days stays small. */
export function swept(state: State): State {
  const shown = new Set<Id>();
  for (const { rows, waiting } of state.timelines.values()) {
    for (const row of [...rows, ...waiting]) if (row.kind === 'entry') shown.add(row.post_id);
  }
  for (const thread of state.threads.values()) {
    for (const id of [...thread.ancestors, thread.post_id, ...thread.replies]) shown.add(id);
  }
  for (const { reply_to, quote_of } of state.drafts) {
    for (const id of [reply_to, quote_of]) if (id !== null) shown.add(id);
  }
  return { ...state, nouns: sweep(state.nouns, shown) };
}
