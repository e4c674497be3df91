/** What the store's verbs share: the state, the wire, and the order in which both are changed. */

import type { StoreApi } from 'zustand/vanilla';
import type { Http } from '../wire/http';
import type { Commands, Limits, Noun } from '../wire/protocol';
import type { Fields, Result, Session } from '../wire/session';
import type { Keep } from './keep';
import { NO_NOTICES } from './noticed';
import { NO_NOUNS, put } from './nouns';
import { NO_OVERLAYS } from './overlays';
import type { Eyes } from './rows';
import type { Account, State } from './types';

/** Until `welcome` says what holds here. */
const LIMITS: Limits = {
  text: 500,
  display_name: 50,
  bio: 300,
  alt: 1500,
  media: 4,
  media_bytes: 16 * 2 ** 20,
  media_types: ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'],
  pixels: 50_000_000,
  reactions: 8,
  watch: 200,
  page: 100,
  frame_bytes: 65_536,
};

export const START_STATE: State = {
  connection: {
    state: 'connecting',
    retryInSeconds: null,
    stopped: false,
    reason: '',
    wasLive: false,
  },
  account: { state: 'unknown', user_id: null },
  limits: LIMITS,
  nouns: NO_NOUNS,
  timelines: new Map(),
  threads: new Map(),
  people: new Map(),
  lookups: new Map(),
  notices: NO_NOTICES,
  drafts: [],
  posted: new Map(),
  pictures: new Map(),
  overlays: NO_OVERLAYS,
  outbox: { trouble: null, refused: null },
  begun: null,
};

/** Nothing of one account may be seen by the next; limits and the connection stay. */
export function forAccount(state: State, account: Account): State {
  const { connection, limits, outbox } = state;
  return { ...START_STATE, connection, limits, account, outbox };
}

export interface Core {
  readonly store: StoreApi<State>;
  readonly session: Session;
  readonly http: Http;
  readonly keep: Keep;
  /** Apply what has been heard and not yet shown; call before an answer is applied. */
  flush(): void;
  /** Apply nouns as if they had been heard on this topic, at once. */
  tell(topic: string, ...nouns: readonly Noun[]): void;
  /** Grows with each change of account: an answer to a question of before is not for this view. */
  readonly generation: number;
}

export function get(core: Core): State {
  return core.store.getState();
}

export function change(core: Core, next: (state: State) => State): void {
  core.store.setState(next, true);
}

export function putNouns(core: Core, ...nouns: readonly Noun[]): void {
  change(core, (state) => ({ ...state, nouns: put(state.nouns, ...nouns) }));
}

export function eyes(state: State): Eyes {
  return { nouns: state.nouns, me: state.account.user_id };
}

/**
 * Ask, and hand the answer over after all that was heard before it. Null: another account looks at
 * this by now, so the answer is nobody's.
 */
export async function ask<K extends keyof Commands>(
  core: Core,
  type: K,
  fields: Fields<K>,
): Promise<Result<K> | null> {
  const { generation } = core;
  try {
    const result = await core.session.send(type, fields);
    if (generation !== core.generation) return null;
    core.flush();
    return result;
  } catch (thrown) {
    if (generation !== core.generation) return null;
    throw thrown;
  }
}

/** A map with one more. */
export function withKey<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}

export function withoutKey<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  const next = new Map(map);
  next.delete(key);
  return next;
}
