/** State before + events = state after a fresh load, however the events come. */

import { expect, test } from 'vitest';
import { applied, type Heard } from './apply';
import { START_STATE } from './core';
import { Edit, put } from './nouns';
import { relation } from './testing/nouns';
import { dice, ME, PEOPLE, World } from './testing/world';
import { emptyTimeline, withFollowed, withPage, withPageDownTo } from './timelines';
import type { State, Timeline } from './types';

type Page = ReturnType<World['page']>;

function start(): State {
  const home: Timeline = { ...emptyTimeline('home'), state: 'loading' };
  const known = PEOPLE.filter((id) => id !== ME).map((id) => relation(id, 1, { following: true }));
  return {
    ...START_STATE,
    account: { state: 'in', user_id: ME },
    // Whom one follows is asked for when it matters; here it is known.
    nouns: put(START_STATE.nouns, ...known),
    timelines: new Map([['home', home]]),
  };
}

function home(state: State): Timeline {
  return state.timelines.get('home') ?? emptyTimeline('home');
}

function merged(state: State, page: Page, turn: (list: Timeline, state: State) => Timeline): State {
  const edit = new Edit(state.nouns);
  for (const entry of page.entries) edit.put(entry);
  const next = { ...state, nouns: edit.nouns };
  return { ...next, timelines: new Map(next.timelines).set('home', turn(home(next), next)) };
}

function eyes(state: State) {
  return { nouns: state.nouns, me: ME };
}

function paged(state: State, page: Page): State {
  return merged(state, page, (list, s) => withPage(list, page, eyes(s)));
}

/** What the reader sees of home. */
function view(state: State) {
  return home(state).rows.map((row) =>
    row.kind === 'gap'
      ? 'gap'
      : { post: row.post_id, id: row.id, by: row.by, own: row.own, others: row.others },
  );
}

/** Everything at once, as a first visit would read it. */
function fresh(world: World): unknown {
  const relations = PEOPLE.map((id) => relation(id, 1, { following: world.followed.has(id) }));
  const state = { ...start(), nouns: put(START_STATE.nouns, ...relations) };
  return view(paged(state, world.page(null, 10_000)));
}

/**
 * A first visit can't know whether a row that a retweet carries also stands for itself, nor the ids
 * of those who came before the newest; what is drawn is the same.
 */
function drawn(rows: unknown): unknown {
  return (rows as { post: string; id: string; by: string[]; others: number }[]).map(
    ({ post, id, by, others }) => ({ post, id, by, others }),
  );
}

class Client {
  state = start();
  readonly #roll: (sides: number) => number;
  #events: Heard[] = [];
  #pages: Page[] = [];
  readonly #heard: Heard[] = [];

  constructor(roll: (sides: number) => number) {
    this.#roll = roll;
  }

  owe(events: readonly Heard[]): void {
    this.#events.push(...structuredClone(events));
    this.#heard.push(...events);
  }

  read(page: Page): void {
    this.#pages.push(page);
  }

  /** Some of what is owed arrives: in any order, some of it twice, some of it old. */
  receive(most: number): void {
    const batch: Heard[] = [];
    for (let i = 0; i < most && this.#events.length > 0; i += 1) {
      const [one] = this.#events.splice(this.#roll(this.#events.length), 1);
      if (one !== undefined) batch.push(one);
      const again = this.#heard[this.#roll(this.#heard.length * 4)];
      if (again !== undefined && !this.#events.includes(again)) batch.push(structuredClone(again));
    }
    this.state = applied(this.state, batch);
    if (this.#roll(3) === 0) this.arrive();
  }

  arrive(): void {
    for (const page of this.#pages.splice(0)) this.state = paged(this.state, page);
  }

  receiveAll(): void {
    while (this.#events.length > 0) this.receive(5);
    this.arrive();
  }
}

const SEEDS = Array.from({ length: 60 }, (_, i) => i + 1);

test.each(SEEDS)('events twice, late and shuffled, among late pages: %i', (seed) => {
  const roll = dice(seed);
  const world = new World(roll);
  const client = new Client(roll);
  for (let i = 0; i < 10 + roll(20); i += 1) world.happen();
  client.read(world.page(null, 10_000));
  for (let i = 0; i < 60; i += 1) {
    client.owe(world.happen());
    if (roll(4) === 0) client.receive(1 + roll(6));
    if (roll(10) === 0) client.read(world.page(null, 10_000));
  }
  client.receiveAll();
  expect(drawn(view(client.state))).toEqual(drawn(fresh(world)));
});

test.each(SEEDS)('going back page by page while others write: %i', (seed) => {
  const roll = dice(seed + 1_000);
  const world = new World(roll);
  const client = new Client(roll);
  for (let i = 0; i < 40; i += 1) world.happen();
  let before: string | null = null;
  for (let i = 0; i < 40; i += 1) {
    const page = world.page(before, 4);
    client.read(page);
    for (let j = 0; j < roll(4); j += 1) client.owe(world.happen());
    client.receive(roll(4));
    client.arrive();
    before = page.next ?? null;
    if (before === null) break;
  }
  expect(before).toBeNull();
  client.receiveAll();
  const posts = (rows: unknown) => (rows as { post: string }[]).map(({ post }) => post);
  expect(posts(view(client.state)).sort()).toEqual(posts(fresh(world)).sort());
});

test.each(SEEDS)('following and unfollowing: %i', (seed) => {
  const roll = dice(seed + 2_000);
  const world = new World(roll);
  const client = new Client(roll);
  for (let i = 0; i < 30; i += 1) world.happen();
  client.read(world.page(null, 10_000));
  for (let i = 0; i < 12; i += 1) {
    for (let j = 0; j < roll(8); j += 1) client.owe(world.happen());
    client.receiveAll();
    const user = PEOPLE[1 + roll(PEOPLE.length - 1)] ?? '2';
    client.state = applied(client.state, [world.toggle(user)]);
    if (world.followed.has(user)) {
      const page = world.page(null, 10_000, user);
      client.state = merged(client.state, page, (list, s) => withFollowed(list, page, eyes(s)));
    }
  }
  client.receiveAll();
  const posts = (rows: unknown) => (rows as { post: string }[]).map(({ post }) => post);
  expect(posts(view(client.state)).sort()).toEqual(posts(fresh(world)).sort());
});

test.each(SEEDS.slice(0, 30))('a break that was not told, filled from above: %i', (seed) => {
  const roll = dice(seed + 3_000);
  const world = new World(roll);
  const client = new Client(roll);
  for (let i = 0; i < 30; i += 1) world.happen();
  client.read(world.page(null, 10_000));
  client.arrive();
  const boundary = home(client.state).rows[0]?.id ?? '0';
  const missed: Heard[] = [];
  for (let i = 0; i < 40; i += 1) missed.push(...world.happen());
  let before: string | null = null;
  for (let i = 0; i < 40; i += 1) {
    const page = world.page(before, 3);
    client.state = merged(client.state, page, (list, s) =>
      withPageDownTo(list, boundary, page, eyes(s)),
    );
    before = page.next ?? null;
    if (!home(client.state).rows.some((row) => row.kind === 'gap')) break;
  }
  // What left while we were away is told by the watch of what is shown: tombstones.
  client.state = applied(
    client.state,
    missed.filter(({ noun }) => 'deleted' in noun && noun.deleted),
  );
  const posts = (rows: unknown) => (rows as { post: string }[]).map(({ post }) => post);
  expect(posts(view(client.state)).sort()).toEqual(posts(fresh(world)).sort());
});
