/** The last view of an account, as it outlives the page: its lists, their nouns, and the cursor. */

import type { Limits } from '../wire/protocol';
import { NO_NOUNS, sweep } from './nouns';
import { withWaitingShown } from './timelines';
import type { Id, Nouns, Person, State, Thread, Timeline, TimelineKey } from './types';

/** Belongs together: all of these nouns' changes up to `cursor` are in here. */
export interface KeptView {
  readonly build: number;
  readonly user: Id;
  readonly cursor: string;
  readonly limits: Limits;
  readonly nouns: Nouns;
  readonly timelines: ReadonlyMap<TimelineKey, Timeline>;
  readonly threads: ReadonlyMap<Id, Thread>;
}

/** Grows whenever what is kept takes another shape: an older one is not shown. */
const BUILD = 2;
const HOME_ROWS = 120;
const OTHER_ROWS = 40;
const OTHERS = 5;
const THREADS = 8;

/** Null: there is nothing to keep. All that was heard has been applied. */
export function viewOf(state: State, cursor: string | null): KeptView | null {
  const { account, limits, nouns } = state;
  if (account.state !== 'in' || account.user_id === null || cursor === null) return null;
  const lists = [...state.timelines.values()].filter(isWhole);
  const others = lists.filter(({ key }) => key !== 'home').slice(-OTHERS);
  const timelines = new Map(
    lists
      .filter((list) => list.key === 'home' || others.includes(list))
      .map((list) => [list.key, cut(list)]),
  );
  const whole = [...state.threads.values()].filter((thread) => thread.state === 'ready');
  const threads = new Map(whole.slice(-THREADS).map((thread) => [thread.post_id, thread]));
  return {
    build: BUILD,
    user: account.user_id,
    cursor,
    limits,
    nouns: needed(nouns, account.user_id, timelines.values(), threads.values()),
    timelines,
    threads,
  };
}

/** The state that a page begins with, until the server has said who this is. */
export function withView(state: State, view: KeptView): State {
  const { user, limits, nouns, timelines, threads } = view;
  // An earlier build kept fewer tables.
  const tables = { ...NO_NOUNS, ...nouns };
  const account = { state: 'in' as const, user_id: user };
  return { ...state, account, limits, nouns: tables, timelines, threads };
}

export function isView(value: unknown): value is KeptView {
  if (typeof value !== 'object' || value === null) return false;
  const { build, user, cursor } = value as Partial<KeptView>;
  return build === BUILD && typeof user === 'string' && typeof cursor === 'string';
}

/** The first page is there: what is above it was told, what is below it can be asked for. */
function isWhole({ rows, ended, state }: Timeline): boolean {
  return state !== 'empty' && state !== 'loading' && (rows.length > 0 || ended);
}

/** The newest rows, as whoever opens the page begins at the top. */
function cut(timeline: Timeline): Timeline {
  const most = timeline.key === 'home' ? HOME_ROWS : OTHER_ROWS;
  const shown = withWaitingShown(timeline);
  const rows = shown.rows
    .slice(0, most)
    .map((row) => (row.kind === 'gap' ? { ...row, loading: false } : row));
  const isCut = rows.length < shown.rows.length;
  return {
    ...shown,
    rows,
    ...(isCut ? { next: null, ended: false, floor: rows.at(-1)?.id ?? null } : {}),
    state: 'ready',
    refusal: null,
    atTop: true,
  };
}

function needed(
  nouns: Nouns,
  me: Id,
  timelines: Iterable<Timeline>,
  threads: Iterable<Thread>,
): Nouns {
  const shown = new Set<Id>();
  for (const { rows } of timelines) {
    for (const row of rows) if (row.kind === 'entry') shown.add(row.post_id);
  }
  for (const { ancestors, post_id, replies } of threads) {
    for (const id of [...ancestors, post_id, ...replies]) shown.add(id);
  }
  const kept = sweep(nouns, shown);
  const people = peopleOf(kept, me);
  return {
    ...kept,
    people,
    names: new Map([...kept.names].filter(([, id]) => people.has(id))),
  };
}

/** Whoever is named by these posts and retweets, whoever I know how I stand to, and myself. */
function peopleOf(nouns: Nouns, me: Id): ReadonlyMap<Id, Person> {
  const ids = new Set<Id | null>([me, ...nouns.relations.keys()]);
  for (const { author_id, parent_author_id } of nouns.posts.values()) {
    ids.add(author_id);
    ids.add(parent_author_id);
  }
  for (const { user_id } of nouns.retweets.values()) ids.add(user_id);
  return new Map([...nouns.people].filter(([id]) => ids.has(id)));
}
