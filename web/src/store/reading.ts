/** Timelines: opening, going back, filling gaps, and coming up to date again. */

import type { Timeline as Page, TimelineGet } from '../wire/protocol';
import { asRefusal } from '../wire/refusal';
import { ask, type Core, change, eyes, get, withKey, withoutKey } from './core';
import { compareIds } from './ids';
import { Edit } from './nouns';
import {
  emptyTimeline,
  failed,
  gapLoading,
  gapOf,
  top,
  withAtTop,
  withFaces,
  withFollowed,
  withGap,
  withOwn,
  withPage,
  withPageDownTo,
  withWaitingShown,
} from './timelines';
import type { Id, State, Timeline, TimelineKey } from './types';

const LISTS_KEPT = 24;
/** Pages read in one go: until what is kept is reached again, or until a followed one's fit. */
const PAGES_IN_A_ROW = 12;
const FOLLOWED_PAGES = 4;
const SEARCH = 'search:';

export class Reading {
  readonly #core: Core;
  readonly #explore: (on: boolean) => void;
  /** How many components show each list. */
  readonly #open = new Map<TimelineKey, number>();
  /** Told before the list is there. */
  readonly #atTop = new Map<TimelineKey, boolean>();

  constructor(core: Core, explore: (on: boolean) => void) {
    this.#core = core;
    this.#explore = explore;
  }

  open(key: TimelineKey): void {
    const n = this.#open.get(key) ?? 0;
    this.#open.set(key, n + 1);
    if (key === 'explore') this.#explore(true);
    if (n === 0) this.#refresh(key, key !== 'home');
  }

  close(key: TimelineKey): void {
    const n = (this.#open.get(key) ?? 1) - 1;
    if (n > 0) {
      this.#open.set(key, n);
      return;
    }
    this.#open.delete(key);
    if (key === 'explore') this.#explore(false);
    // Nobody is at its top now: what comes waits, so that coming back finds the old place.
    this.setAtTop(key, false);
    this.#evict();
  }

  isOpen(key: TimelineKey): boolean {
    return this.#open.has(key);
  }

  /** After each welcome. `gap`: what came meanwhile is not told, not even for home. */
  resume(gap: boolean): void {
    for (const key of get(this.#core).timelines.keys()) {
      if (!this.#open.has(key) && key !== 'home') continue;
      // Only home is told what it missed; the others are looked at again.
      if (gap && key === 'home') this.#turn(key, withGap);
      this.#refresh(key, gap || key !== 'home');
    }
    for (const key of this.#open.keys()) this.#refresh(key, false);
  }

  /** The first page, or what is newer than what is here. */
  #refresh(key: TimelineKey, isStale: boolean): void {
    const list = get(this.#core).timelines.get(key);
    if (list === undefined || list.state === 'empty' || list.rows.length === 0) {
      if (list?.state !== 'loading') void this.#first(key);
      return;
    }
    if (list.state === 'failed' && list.next === null) {
      this.loadMore(key);
      return;
    }
    const boundary = top(list);
    if (isStale && boundary !== null && list.state !== 'loading')
      void this.#downTo(key, boundary, null);
  }

  async #first(key: TimelineKey): Promise<void> {
    if (key === 'home' && get(this.#core).account.state !== 'in') return;
    const start = get(this.#core).timelines.get(key) ?? this.#new(key);
    this.#put({ ...start, state: 'loading', refusal: null });
    await this.#page(key, null);
  }

  loadMore(key: TimelineKey): void {
    const list = get(this.#core).timelines.get(key);
    if (list === undefined || list.state === 'empty') {
      void this.#first(key);
      return;
    }
    if (list.state === 'loading' || list.state === 'more' || list.ended) return;
    if (list.rows.length === 0) {
      void this.#first(key);
      return;
    }
    this.#put({ ...list, state: 'more', refusal: null });
    // Older rows that were let go have no `next`: read down to where the list ends here.
    void (list.next === null ? this.#reach(key) : this.#page(key, list.next));
  }

  async #page(key: TimelineKey, before: string | null): Promise<void> {
    try {
      const page = await this.#get(key, before);
      if (page !== null) this.#turn(key, (list, state) => withPage(list, page, eyes(state)));
    } catch (thrown) {
      this.#turn(key, (list) => failed(list, asRefusal(thrown)));
    }
  }

  async #reach(key: TimelineKey): Promise<void> {
    const last = get(this.#core).timelines.get(key)?.floor;
    let before: string | null = null;
    try {
      for (let i = 0; i < PAGES_IN_A_ROW; i += 1) {
        const page = await this.#get(key, before, 100);
        if (page === null) return;
        const oldest = page.entries.at(-1)?.id;
        const isThere =
          page.next === undefined ||
          oldest === undefined ||
          last == null ||
          compareIds(oldest, last) < 0;
        if (isThere || i === PAGES_IN_A_ROW - 1) {
          this.#turn(key, (list, state) => withPage(list, page, eyes(state)));
          return;
        }
        before = page.next ?? null;
      }
    } catch (thrown) {
      this.#turn(key, (list) => failed(list, asRefusal(thrown)));
    }
  }

  loadGap(key: TimelineKey, gapId: Id): void {
    const list = get(this.#core).timelines.get(key);
    const gap = list && gapOf(list, gapId);
    if (gap === undefined || gap.loading) return;
    void this.#downTo(key, gapId, gap.before);
  }

  async #downTo(key: TimelineKey, boundary: Id, from: string | null): Promise<void> {
    this.#turn(key, (list) => gapLoading(list, boundary, true));
    let before = from;
    try {
      for (let i = 0; i < PAGES_IN_A_ROW; i += 1) {
        const page = await this.#get(key, before);
        if (page === null) return;
        const known = get(this.#core).timelines.get(key)?.rows.length ?? 0;
        this.#turn(key, (list, state) => withPageDownTo(list, boundary, page, eyes(state)));
        const list = get(this.#core).timelines.get(key);
        if (list === undefined) return;
        const gap = gapOf(list, boundary);
        // Above a gap may stand more than a page of what came by itself: go on until something new comes.
        if (gap === undefined || gap.before === null || list.rows.length > known) return;
        this.#turn(key, (now) => gapLoading(now, boundary, true));
        before = gap.before;
      }
    } catch {
      // What is here stays; the gap, if there is one, says that something is missing.
    }
    this.#turn(key, (list) => gapLoading(list, boundary, false));
  }

  /** Someone is followed now: what of theirs belongs between what home shows. */
  async followed(userId: Id): Promise<void> {
    let before: string | null = null;
    for (let i = 0; i < FOLLOWED_PAGES; i += 1) {
      const home = get(this.#core).timelines.get('home');
      if (home === undefined || home.state === 'empty') return;
      const page: Page | null = await this.#get(`user:${userId}`, before).catch(() => null);
      if (page === null) return;
      this.#turn('home', (list, state) => withFollowed(list, page, eyes(state)));
      const oldest = page.entries.at(-1)?.id;
      const floor = home.floor ?? null;
      const isDeep = oldest === undefined || (floor !== null && compareIds(oldest, floor) < 0);
      if (isDeep || page.next === undefined || floor === null) return;
      before = page.next;
    }
  }

  /** Someone hidden is seen again: what of theirs was left out belongs between what is shown. */
  seenAgain(): void {
    for (const key of get(this.#core).timelines.keys()) {
      if (this.#open.has(key) || key === 'home') void this.#whole(key);
      else {
        change(this.#core, (state) => ({ ...state, timelines: withoutKey(state.timelines, key) }));
      }
    }
  }

  /** Read all that is shown of this list once more. */
  async #whole(key: TimelineKey): Promise<void> {
    let before: string | null = null;
    for (let i = 0; i < PAGES_IN_A_ROW; i += 1) {
      const list = get(this.#core).timelines.get(key);
      if (list === undefined || list.state === 'empty') return;
      const page: Page | null = await this.#get(key, before, 100).catch(() => null);
      if (page === null) return;
      this.#turn(key, (now, state) => withFollowed(now, page, eyes(state)));
      const oldest = page.entries.at(-1)?.id;
      const isDeep =
        oldest === undefined || list.floor == null || compareIds(oldest, list.floor) < 0;
      if (isDeep || page.next === undefined) return;
      before = page.next;
    }
  }

  #new(key: TimelineKey): Timeline {
    return { ...emptyTimeline(key), atTop: this.#atTop.get(key) ?? true };
  }

  /** The last retweet of this post in home was undone; it may stand there for itself. */
  restored(postId: Id): void {
    this.#turn('home', (list, state) => withOwn(list, postId, eyes(state)));
  }

  setAtTop(key: TimelineKey, atTop: boolean): void {
    this.#atTop.set(key, atTop);
    this.#turn(key, (list) => withAtTop(list, atTop));
  }

  showNew(key: TimelineKey): void {
    this.#turn(key, withWaitingShown);
  }

  /** A page, with its nouns already in their tables. */
  async #get(key: TimelineKey, before: string | null, limit?: number): Promise<Page | null> {
    const page = await this.#ask(key, before === null ? {} : { before }, limit);
    if (page === null) return null;
    change(this.#core, (state) => {
      const edit = new Edit(state.nouns);
      for (const entry of page.entries) edit.put(entry);
      return { ...state, nouns: edit.nouns };
    });
    return page;
  }

  async #ask(
    key: TimelineKey,
    more: { readonly before?: string },
    limit: number | undefined,
  ): Promise<Page | null> {
    if (key.startsWith(SEARCH)) {
      const q = key.slice(SEARCH.length);
      const found = await ask(this.#core, 'search.query', { q, kind: 'posts', ...more });
      if (found === null) return null;
      return {
        entries: found.posts ?? [],
        ...(found.next === undefined ? {} : { next: found.next }),
      };
    }
    const [name, user_id] = key.split(':') as [TimelineGet['name'], string?];
    return ask(this.#core, 'timeline.get', {
      name,
      ...(user_id === undefined ? {} : { user_id }),
      ...more,
      ...(limit === undefined ? {} : { limit }),
    });
  }

  #put(timeline: Timeline): void {
    change(this.#core, (state) => ({
      ...state,
      timelines: withKey(state.timelines, timeline.key, timeline),
    }));
  }

  #turn(key: TimelineKey, turn: (list: Timeline, state: State) => Timeline): void {
    const state = get(this.#core);
    const list = state.timelines.get(key);
    if (list === undefined) return;
    const next = withFaces(turn(list, state), state.nouns);
    if (next !== list) this.#put(next);
  }

  #evict(): void {
    const { timelines } = get(this.#core);
    if (timelines.size <= LISTS_KEPT) return;
    const oldest = [...timelines.keys()].find((key) => key !== 'home' && !this.#open.has(key));
    if (oldest === undefined) return;
    change(this.#core, (state) => ({ ...state, timelines: withoutKey(state.timelines, oldest) }));
  }
}
