/** Which posts are on screen: the server is told, and their numbers stay live. */

import type { Watched } from '../wire/protocol';
import type { Id } from './types';

export interface WatchWire {
  isLive(): boolean;
  /** Rejects when it was not done; then it is asked again with the next welcome or change. */
  send(postIds: readonly Id[], explore: boolean): Promise<Watched>;
  watched(state: Watched): void;
  /** Calls back after so many ms. */
  after(ms: number, call: () => void): () => void;
  /** Posts shown inside a post (its quote), to be watched with it. */
  inside(postId: Id): readonly Id[];
}

const QUIET_MS = 150;
/** While scrolling without a pause it is told at least this often. */
const LATEST_MS = 600;

export class Watch {
  readonly #wire: WatchWire;
  /** How many drawings of each post are on screen. */
  readonly #visible = new Map<Id, number>();
  /** What left the screen, the latest last: still watched while there is room. */
  readonly #left = new Set<Id>();
  #most: number;
  #explore = false;
  #told = '';
  #isAsking = false;
  #dirtySince: number | null = null;
  #cancel: (() => void) | null = null;

  constructor(wire: WatchWire, most = 200) {
    this.#wire = wire;
    this.#most = most;
  }

  set most(most: number) {
    this.#most = most;
  }

  seen(postId: Id, visible: boolean): void {
    const n = (this.#visible.get(postId) ?? 0) + (visible ? 1 : -1);
    this.#left.delete(postId);
    if (n > 0) this.#visible.set(postId, n);
    else {
      this.#visible.delete(postId);
      this.#left.add(postId);
      this.#forget();
    }
    this.#soon();
  }

  /** Asked before the list is read: what is written between the two would be told to nobody. */
  explore(on: boolean): void {
    if (this.#explore === on) return;
    this.#explore = on;
    if (on) this.#first();
    else this.#soon();
  }

  /** A thread is open, or no longer. Asked before it is read, for the same reason. */
  thread(postId: Id, on: boolean): void {
    this.seen(postId, on);
    if (on) this.#first();
  }

  /** A new socket watches nothing yet. */
  renew(): void {
    this.#told = '';
    this.#isAsking = false;
    this.#now();
  }

  /** Another account: what left the screen is none of its business. */
  clear(): void {
    this.#left.clear();
  }

  /** What is to be watched: what is on screen first, then what left it last. */
  ids(): Id[] {
    const ids = new Set<Id>();
    for (const id of this.#visible.keys()) ids.add(id);
    for (const id of this.#visible.keys())
      for (const inside of this.#wire.inside(id)) ids.add(inside);
    for (const id of [...this.#left].reverse()) ids.add(id);
    return [...ids].slice(0, this.#most);
  }

  #forget(): void {
    const oldest = this.#left.values().next().value;
    if (this.#left.size > this.#most && oldest !== undefined) this.#left.delete(oldest);
  }

  #soon(): void {
    const now = Date.now();
    this.#dirtySince ??= now;
    this.#cancel?.();
    const wait = Math.max(0, Math.min(QUIET_MS, this.#dirtySince + LATEST_MS - now));
    this.#cancel = this.#wire.after(wait, () => this.#now());
  }

  #now(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#dirtySince = null;
    if (this.#isAsking || !this.#wire.isLive()) return;
    const ids = this.ids();
    const set = `${this.#explore} ${[...ids].sort().join(' ')}`;
    if (set === this.#told || (ids.length === 0 && !this.#explore && this.#told === '')) return;
    void this.#ask(ids, set);
  }

  /** At once, and ahead of whatever is sent next; the answer to an earlier asking says nothing then. */
  #first(): void {
    this.#isAsking = false;
    this.#now();
  }

  async #ask(ids: readonly Id[], set: string): Promise<void> {
    this.#told = set;
    this.#isAsking = true;
    try {
      this.#wire.watched(await this.#wire.send(ids, this.#explore));
    } catch {
      if (this.#told !== set) return;
      this.#told = '';
      this.#isAsking = false;
      return;
    }
    // A new socket may have begun to ask meanwhile; then this answer was the old one's.
    if (this.#told !== set) return;
    this.#isAsking = false;
    this.#now();
  }
}

/** Which elements are on screen, by one observer for all of them. */
export class Screen {
  readonly #seen: (postId: Id, visible: boolean) => void;
  readonly #nodes = new Map<Element, { readonly id: Id; visible: boolean }>();
  readonly #observer: IntersectionObserver | null;

  constructor(seen: (postId: Id, visible: boolean) => void) {
    this.#seen = seen;
    this.#observer =
      typeof IntersectionObserver === 'function'
        ? new IntersectionObserver((entries) => this.#moved(entries), { rootMargin: '200px 0px' })
        : null;
  }

  /** Returns how to stop. Where nothing can observe, it counts as seen. */
  observe(node: Element, id: Id): () => void {
    const one = { id, visible: false };
    this.#nodes.set(node, one);
    if (this.#observer === null) this.#turn(one, true);
    else this.#observer.observe(node);
    return () => {
      this.#observer?.unobserve(node);
      if (this.#nodes.get(node) === one) this.#nodes.delete(node);
      this.#turn(one, false);
    };
  }

  #moved(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const one = this.#nodes.get(target);
      if (one !== undefined) this.#turn(one, isIntersecting);
    }
  }

  #turn(one: { readonly id: Id; visible: boolean }, visible: boolean): void {
    if (one.visible === visible) return;
    one.visible = visible;
    this.#seen(one.id, visible);
  }
}
