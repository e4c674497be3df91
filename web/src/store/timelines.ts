/** Lists of posts, newest first, one row a post: how pages and events flow together. Pure. */

import type { Retweet, Entry as Wire } from '../wire/protocol';
import type { Refusal } from '../wire/refusal';
import { compareIds, isNewer } from './ids';
import { before, type Eyes, entryOf, joined, joinedLive, screened, withEntries } from './rows';
import type { Entry, Gap, Id, Nouns, Row, Timeline, TimelineKey } from './types';

export interface Page {
  readonly entries: readonly Wire[];
  readonly next?: string;
}

/** So many rows are kept while the reader is at the top; older ones are read again when wanted. */
export const ROWS_KEPT = 300;
const ROWS_MAX = 600;
const WAITING_MAX = 1_000;
const FACES = 3;

export function emptyTimeline(key: TimelineKey): Timeline {
  return {
    key,
    rows: [],
    waiting: [],
    waitingAuthors: [],
    state: 'empty',
    refusal: null,
    ended: false,
    next: null,
    atTop: true,
  };
}

/** The lists that a post by this author, or a retweet by this person, belongs to. */
export function listsOf(author: Id, hasPictures: boolean): TimelineKey[] {
  const both: TimelineKey[] = ['home', `user:${author}`];
  return hasPictures ? [...both, `media:${author}`] : both;
}

/** `reactions:` is ordered by the reaction, which has no id here: as the server gave it. */
function isAsGiven(key: TimelineKey): boolean {
  return key.startsWith('reactions:');
}

// --- pages ---

function entriesOf(timeline: Timeline, page: Page, eyes: Eyes): Entry[] {
  return page.entries.flatMap((noun) => entryOf(timeline.key, noun, eyes) ?? []);
}

/** An older page, or the first one, at the end of the list. */
export function withPage(timeline: Timeline, page: Page, eyes: Eyes): Timeline {
  const entries = entriesOf(timeline, page, eyes);
  const rows = isAsGiven(timeline.key)
    ? appended(timeline.rows, entries)
    : withEntries(timeline.rows, entries);
  const next = page.next ?? null;
  const floor = lower(timeline.floor ?? null, page.entries.at(-1)?.id ?? null);
  return { ...timeline, rows, next, floor, ended: next === null, state: 'ready', refusal: null };
}

function lower(a: Id | null, b: Id | null): Id | null {
  if (a === null || b === null) return a ?? b;
  return isNewer(a, b) ? b : a;
}

function appended(rows: readonly Row[], entries: readonly Entry[]): readonly Row[] {
  const known = new Set(rows.map((row) => (row.kind === 'entry' ? row.post_id : '')));
  return [...rows, ...entries.filter((entry) => !known.has(entry.post_id))];
}

/** The newest row, behind which nothing is missing as far as is known. */
export function top(timeline: Timeline): Id | null {
  return timeline.rows[0]?.id ?? null;
}

/** What was missed is not told: mark where. The old rows stay. */
export function withGap(timeline: Timeline): Timeline {
  const first = timeline.rows[0];
  if (first === undefined || first.kind === 'gap') return timeline;
  const gap: Gap = { kind: 'gap', id: first.id, before: null, loading: false };
  return { ...timeline, rows: [gap, ...timeline.rows] };
}

export function gapOf(timeline: Timeline, gapId: Id): Gap | undefined {
  return timeline.rows.find((row): row is Gap => row.kind === 'gap' && row.id === gapId);
}

export function gapLoading(timeline: Timeline, gapId: Id, loading: boolean): Timeline {
  const rows = timeline.rows.map((row) =>
    row.kind === 'gap' && row.id === gapId ? { ...row, loading } : row,
  );
  return { ...timeline, rows };
}

/**
 * A page that was read downwards towards `boundary`, the row from which on the list is known:
 * it closes the gap there, or moves it down to where the page ends.
 */
export function withPageDownTo(timeline: Timeline, boundary: Id, page: Page, eyes: Eyes): Timeline {
  if (isAsGiven(timeline.key)) return refreshedAsGiven(timeline, page, eyes);
  const entries = entriesOf(timeline, page, eyes);
  const oldest = page.entries.at(-1)?.id;
  const isClosed =
    page.next === undefined || oldest === undefined || compareIds(oldest, boundary) <= 0;
  const others = timeline.rows.filter((row) => row.kind === 'entry' || row.id !== boundary);
  const gap: Row[] = isClosed
    ? []
    : [{ kind: 'gap', id: boundary, before: page.next ?? null, loading: false }];
  const holed: Timeline = { ...timeline, rows: [...others, ...gap].sort(before) };
  // From the newest, so above what the reader has seen; inside an old gap it is what was asked for.
  const isAbove = gapOf(timeline, boundary)?.before == null;
  return isAbove
    ? arrived(holed, entries, joined)
    : { ...holed, rows: withEntries(holed.rows, entries) };
}

function refreshedAsGiven(timeline: Timeline, page: Page, eyes: Eyes): Timeline {
  const entries = entriesOf(timeline, page, eyes);
  const older = page.next === undefined ? [] : timeline.rows;
  return {
    ...timeline,
    rows: appended(
      entries,
      older.filter((row) => row.kind === 'entry'),
    ),
  };
}

/** Someone was followed: what of theirs belongs to what is shown here. Older stays for older pages. */
export function withFollowed(timeline: Timeline, page: Page, eyes: Eyes): Timeline {
  const floor = timeline.ended ? null : (timeline.floor ?? null);
  const entries = entriesOf(timeline, page, eyes).filter(
    (entry) => floor === null || compareIds(entry.id, floor) >= 0,
  );
  return arrived(timeline, entries, joined);
}

/** A post that stands here for itself, as was found out later. */
export function withOwn(timeline: Timeline, postId: Id, eyes: Eyes): Timeline {
  const isWithin = timeline.ended || (timeline.floor != null && !isNewer(timeline.floor, postId));
  if (!isWithin || !eyes.nouns.posts.has(postId)) return timeline;
  const own: Entry = {
    kind: 'entry',
    id: postId,
    post_id: postId,
    own: true,
    by: [],
    others: 0,
    retweets: [],
  };
  const entry = screened(timeline.key, own, eyes);
  return entry === null ? timeline : arrived(timeline, [entry], joined);
}

export function failed(timeline: Timeline, refusal: Refusal): Timeline {
  return { ...timeline, state: 'failed', refusal };
}

// --- what comes by itself ---

/** Something new: shown when the reader is at the top, else it waits. */
export function withLive(timeline: Timeline, nouns: readonly Wire[], eyes: Eyes): Timeline {
  if (timeline.state === 'empty' || nouns.length === 0) return timeline;
  const entries = nouns.flatMap((noun) => entryOf(timeline.key, noun, eyes) ?? []);
  return entries.length === 0 ? timeline : arrived(timeline, entries, joinedLive);
}

function arrived(
  timeline: Timeline,
  entries: readonly Entry[],
  join: (known: Entry, more: Entry) => Entry,
): Timeline {
  const wanted = new Set(entries.map((entry) => entry.post_id));
  const shown = new Map<Id, Row>();
  for (const row of timeline.rows)
    if (row.kind === 'entry' && wanted.has(row.post_id)) shown.set(row.post_id, row);
  const quiet: Entry[] = [];
  const loud: Entry[] = [];
  for (const entry of entries) {
    const known = shown.get(entry.post_id);
    // What changes no place on the screen needs no pill.
    const stays = known !== undefined && !isNewer(entry.id, known.id);
    (timeline.atTop || stays ? quiet : loud).push(entry);
  }
  const rows = withEntries(timeline.rows, quiet, join);
  if (loud.length === 0) return trimmed({ ...timeline, rows });
  return capped({
    ...timeline,
    rows,
    waiting: asEntries(withEntries(timeline.waiting, loud, join)),
  });
}

function asEntries(rows: readonly Row[]): readonly Entry[] {
  return rows as readonly Entry[];
}

/** The pill is pressed, or the reader came to the top. */
export function withWaitingShown(timeline: Timeline): Timeline {
  if (timeline.waiting.length === 0) return timeline;
  const rows = withEntries(timeline.rows, timeline.waiting, joinedLive);
  return trimmed({ ...timeline, rows, waiting: [], waitingAuthors: [], beyond: 0 });
}

export function withAtTop(timeline: Timeline, atTop: boolean): Timeline {
  if (timeline.atTop === atTop) return timeline;
  return atTop ? withWaitingShown({ ...timeline, atTop }) : { ...timeline, atTop };
}

/** A retweet was undone by someone who was only counted among the others. */
export function withUndone(timeline: Timeline, retweet: Retweet): Timeline {
  const rows = timeline.rows.map((row) => {
    if (row.kind === 'gap' || row.post_id !== retweet.post.id || row.others === 0) return row;
    const isNamed = row.by.includes(retweet.user.id);
    return isNamed ? row : { ...row, others: row.others - 1 };
  });
  return { ...timeline, rows };
}

/** Of which posts rows are to be looked at again; null: of all. */
export type Suspects = ReadonlySet<Id> | null;

/** Look at rows again, after something was deleted, hidden or no longer followed. */
export function pruned(timeline: Timeline, eyes: Eyes, suspects: Suspects = null): Timeline {
  const rows = prunedRows(timeline.key, timeline.rows, eyes, suspects);
  const waiting = asEntries(prunedRows(timeline.key, timeline.waiting, eyes, suspects));
  if (rows === timeline.rows && waiting === timeline.waiting) return timeline;
  return { ...timeline, rows, waiting };
}

function prunedRows(
  key: TimelineKey,
  rows: readonly Row[],
  eyes: Eyes,
  suspects: Suspects,
): readonly Row[] {
  const isSuspect = (row: Row) => row.kind === 'entry' && suspects?.has(row.post_id) !== false;
  if (!rows.some(isSuspect)) return rows;
  let isChanged = false;
  const kept = rows.flatMap((row) => {
    const next = row.kind === 'gap' || !isSuspect(row) ? row : screened(key, row, eyes);
    isChanged ||= next !== row;
    return next ?? [];
  });
  if (!isChanged) return rows;
  return isAsGiven(key) ? kept : kept.sort(before);
}

/** The faces of the pill: authors and retweeters of what waits, the newest first. */
export function withFaces(timeline: Timeline, nouns: Nouns): Timeline {
  const faces: Id[] = [];
  for (const entry of timeline.waiting) {
    const face = entry.by[0] ?? nouns.posts.get(entry.post_id)?.author_id;
    if (face !== undefined && !faces.includes(face)) faces.push(face);
    if (faces.length === FACES) break;
  }
  const known = timeline.waitingAuthors;
  const isSame = known.length === faces.length && known.every((id, i) => id === faces[i]);
  return isSame ? timeline : { ...timeline, waitingAuthors: faces };
}

// --- bounds ---

/** Days of live posts must not fill the memory: below the newest ones the list is read again. */
function trimmed(timeline: Timeline): Timeline {
  if (!timeline.atTop || timeline.rows.length <= ROWS_MAX) return timeline;
  const rows = timeline.rows.slice(0, ROWS_KEPT);
  return { ...timeline, rows, next: null, floor: rows.at(-1)?.id ?? null, ended: false };
}

function capped(timeline: Timeline): Timeline {
  if (timeline.waiting.length <= WAITING_MAX) return timeline;
  const waiting = timeline.waiting.slice(0, ROWS_KEPT);
  const beyond = (timeline.beyond ?? 0) + timeline.waiting.length - waiting.length;
  return withGap({ ...timeline, waiting, beyond });
}

/** How many posts wait above what is shown. */
export function waitingCount(timeline: Timeline | undefined): number {
  return timeline === undefined ? 0 : timeline.waiting.length + (timeline.beyond ?? 0);
}
