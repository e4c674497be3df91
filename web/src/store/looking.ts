/** Threads, people and profiles: what is opened, read on, and looked at again after a break. */

import type { Reaction, User } from '../wire/protocol';
import { asRefusal } from '../wire/refusal';
import { ask, type Core, change, eyes, get, withKey, withoutKey } from './core';
import { Edit, put } from './nouns';
import { foldName } from './text';
import { newThread, withThreadPage } from './threads';
import type { Id, Lookup, People, PeopleKey, PeopleRow, Thread } from './types';

const THREADS_KEPT = 24;
const PEOPLE_KEPT = 24;

export class Looking {
  readonly #core: Core;
  readonly #watch: (postId: Id, on: boolean) => void;
  readonly #open = new Map<Id, number>();
  readonly #asked = new Set<Id>();
  #profile: string | null = null;

  constructor(core: Core, watch: (postId: Id, on: boolean) => void) {
    this.#core = core;
    this.#watch = watch;
  }

  // --- threads ---

  openThread(postId: Id): void {
    const n = this.#open.get(postId) ?? 0;
    this.#open.set(postId, n + 1);
    if (n > 0) return;
    this.#watch(postId, true);
    void this.#thread(postId);
  }

  closeThread(postId: Id): void {
    const n = (this.#open.get(postId) ?? 1) - 1;
    if (n > 0) {
      this.#open.set(postId, n);
      return;
    }
    this.#open.delete(postId);
    this.#watch(postId, false);
    const { threads } = get(this.#core);
    const oldest = [...threads.keys()].find((id) => !this.#open.has(id));
    if (threads.size <= THREADS_KEPT || oldest === undefined) return;
    change(this.#core, (state) => ({ ...state, threads: withoutKey(state.threads, oldest) }));
  }

  loadMoreReplies(postId: Id): void {
    const thread = get(this.#core).threads.get(postId);
    if (thread === undefined || thread.state === 'missing') void this.#thread(postId);
    else if (thread.state === 'failed' && (thread.replies.length === 0 || thread.next === null))
      void this.#thread(postId);
    else if (thread.state !== 'loading' && thread.state !== 'more' && thread.next !== null) {
      this.#putThread({ ...thread, state: 'more', refusal: null });
      void this.#threadPage(postId, thread.next);
    }
  }

  async #thread(postId: Id): Promise<void> {
    const known = get(this.#core).threads.get(postId);
    if (known === undefined || known.state === 'missing') this.#putThread(newThread(postId));
    else if (known.state === 'failed')
      this.#putThread({ ...known, state: 'loading', refusal: null });
    await this.#threadPage(postId, null);
    const now = get(this.#core).threads.get(postId);
    // Further down only the end can have something new.
    if (now?.state === 'ready' && now.tail !== null) await this.#threadPage(postId, now.tail);
  }

  async #threadPage(postId: Id, before: string | null): Promise<void> {
    try {
      const more = before === null ? {} : { before };
      const page = await ask(this.#core, 'post.thread', { post_id: postId, ...more });
      if (page === null) return;
      change(this.#core, (state) => {
        const nouns = put(state.nouns, ...page.ancestors, page.post, ...page.replies);
        const known = state.threads.get(postId) ?? newThread(postId);
        const thread = withThreadPage(known, page, before, eyes({ ...state, nouns }));
        return { ...state, nouns, threads: withKey(state.threads, postId, thread) };
      });
    } catch (thrown) {
      const refusal = asRefusal(thrown);
      const thread = get(this.#core).threads.get(postId);
      const state = refusal.code === 'not_found' ? 'missing' : 'failed';
      if (thread !== undefined) this.#putThread({ ...thread, state, refusal });
    }
  }

  #putThread(thread: Thread): void {
    change(this.#core, (state) => ({
      ...state,
      threads: withKey(state.threads, thread.post_id, thread),
    }));
  }

  // --- people ---

  openPeople(key: PeopleKey): void {
    const { people } = get(this.#core);
    const known = people.get(key);
    if (known === undefined || known.rows.length === 0) this.#putPeople(newPeople(key));
    const oldest = people.keys().next().value;
    if (people.size > PEOPLE_KEPT && oldest !== undefined && oldest !== key) {
      change(this.#core, (state) => ({ ...state, people: withoutKey(state.people, oldest) }));
    }
    void this.#peoplePage(key, null);
  }

  loadMorePeople(key: PeopleKey): void {
    const list = get(this.#core).people.get(key);
    if (list === undefined || list.state === 'loading' || list.state === 'more' || list.ended)
      return;
    this.#putPeople({ ...list, state: 'more', refusal: null });
    void this.#peoplePage(key, list.next);
  }

  renewPeople(key: PeopleKey): void {
    if (get(this.#core).people.get(key)?.state === 'ready') void this.#peoplePage(key, null);
  }

  async #peoplePage(key: PeopleKey, before: string | null): Promise<void> {
    try {
      const page = await this.#askPeople(key, before === null ? {} : { before });
      if (page === null) return;
      change(this.#core, (state) => {
        const edit = new Edit(state.nouns);
        for (const user of page.users) edit.user(user);
        const known = state.people.get(key) ?? newPeople(key);
        const list = before === null ? withNewest(known, page) : withOlder(known, page);
        return { ...state, nouns: edit.nouns, people: withKey(state.people, key, list) };
      });
    } catch (thrown) {
      const refusal = asRefusal(thrown);
      const list = get(this.#core).people.get(key);
      const state = refusal.code === 'not_found' ? 'missing' : 'failed';
      if (list !== undefined) this.#putPeople({ ...list, state, refusal });
    }
  }

  async #askPeople(key: PeopleKey, more: { readonly before?: string }): Promise<PeoplePage | null> {
    const [what, id = '', emoji] = key.split(':');
    switch (what) {
      case 'reactions': {
        const only = emoji === undefined ? {} : { emoji };
        const page = await ask(this.#core, 'react.list', { post_id: id, ...only, ...more });
        return page && reactionsPage(page.reactions, page.next);
      }
      case 'retweets': {
        const page = await ask(this.#core, 'retweet.list', { post_id: id, ...more });
        return page && usersPage(page.users, page.next);
      }
      case 'search': {
        const q = key.slice('search:'.length);
        const page = await ask(this.#core, 'search.query', { q, kind: 'users', ...more });
        return page && usersPage(page.users ?? [], page.next);
      }
      default: {
        const direction = what as 'followers' | 'following' | 'blocking' | 'muting';
        const page = await ask(this.#core, 'follow.list', { user_id: id, direction, ...more });
        return page && usersPage(page.users, page.next);
      }
    }
  }

  #putPeople(list: People): void {
    change(this.#core, (state) => ({ ...state, people: withKey(state.people, list.key, list) }));
  }

  // --- profiles ---

  openProfile(name: string): void {
    const folded = foldName(name);
    this.#profile = folded;
    const known = get(this.#core).lookups.get(folded);
    if (known?.state !== 'ready') this.#putLookup(folded, { state: 'loading' });
    void this.#look(folded);
  }

  closeProfile(name: string): void {
    if (this.#profile === foldName(name)) this.#profile = null;
  }

  async #look(name: string): Promise<void> {
    try {
      const found = await ask(this.#core, 'profile.get', { name });
      if (found === null) return;
      const { user, relation } = found;
      change(this.#core, (state) => ({
        ...state,
        nouns: put(state.nouns, user, ...(relation === null ? [] : [relation])),
        lookups: withKey<string, Lookup>(state.lookups, name, { state: 'ready', user_id: user.id }),
      }));
    } catch (thrown) {
      const refusal = asRefusal(thrown);
      if (refusal.code === 'not_found') this.#putLookup(name, { state: 'missing' });
      // What is here is better than an error in its place.
      else if (get(this.#core).lookups.get(name)?.state !== 'ready') {
        this.#putLookup(name, { state: 'failed', refusal });
      }
    }
  }

  #putLookup(name: string, lookup: Lookup): void {
    change(this.#core, (state) => ({ ...state, lookups: withKey(state.lookups, name, lookup) }));
  }

  /** How I stand to this person, unless that is known; asked once. */
  openRelation(userId: Id): void {
    const { account, nouns } = get(this.#core);
    if (account.state !== 'in' || account.user_id === userId) return;
    if (nouns.relations.has(userId) || this.#asked.has(userId)) return;
    this.#asked.add(userId);
    void this.lookAgain(userId).finally(() => this.#asked.delete(userId));
  }

  /** A person's numbers and how I stand to them, as they are now; quiet when that fails. */
  async lookAgain(userId: Id): Promise<void> {
    try {
      const found = await ask(this.#core, 'profile.get', { user_id: userId });
      if (found === null) return;
      const relation = found.relation === null ? [] : [found.relation];
      change(this.#core, (state) => ({
        ...state,
        nouns: put(state.nouns, found.user, ...relation),
      }));
    } catch {
      // It was a second look; the first one stays.
    }
  }

  /** After each welcome: threads and profiles are not told what they missed. */
  resume(): void {
    for (const postId of this.#open.keys()) void this.#thread(postId);
    if (this.#profile !== null) void this.#look(this.#profile);
  }
}

interface PeoplePage {
  readonly users: readonly User[];
  readonly rows: readonly PeopleRow[];
  readonly next: string | undefined;
}

function usersPage(users: readonly User[], next: string | undefined): PeoplePage {
  return { users, rows: users.map(({ id }) => ({ user_id: id, emoji: null })), next };
}

function reactionsPage(reactions: readonly Reaction[], next: string | undefined): PeoplePage {
  const rows = reactions.map(({ user, emoji }) => ({ user_id: user.id, emoji }));
  return { users: reactions.map(({ user }) => user), rows, next };
}

/** What was read below the newest stays, if this page reaches down to it. */
function withNewest(known: People, page: PeoplePage): People {
  const last = page.rows.at(-1);
  const at = known.rows.findIndex((row) => last !== undefined && keyOf(row) === keyOf(last));
  const below = at < 0 ? [] : known.rows.slice(at + 1);
  const next = below.length > 0 ? known.next : (page.next ?? null);
  const rows = unique([...page.rows, ...below]);
  return { ...known, rows, state: 'ready', refusal: null, next, ended: next === null };
}

function withOlder(known: People, page: PeoplePage): People {
  const next = page.next ?? null;
  const rows = unique([...known.rows, ...page.rows]);
  return { ...known, rows, state: 'ready', refusal: null, next, ended: next === null };
}

function keyOf(row: PeopleRow): string {
  return `${row.user_id} ${row.emoji ?? ''}`;
}

function unique(rows: readonly PeopleRow[]): PeopleRow[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  return [...byKey.values()];
}

function newPeople(key: PeopleKey): People {
  return { key, rows: [], state: 'loading', refusal: null, ended: false, next: null };
}
