/** Keeps the last view of this account for the next page, and gives it back at the start. */

import type { Clock } from '../wire/session';
import { type Core, get } from './core';
import type { Id } from './types';
import type { Vault } from './vault';
import { type KeptView, viewOf } from './view';

/** Kept so long after a change, and while changes go on at least this often. */
const QUIET_MS = 1_500;
/** What a view is made of: a countdown to the next connection is no reason to write it again. */
const KEPT = ['account', 'limits', 'nouns', 'timelines', 'threads'] as const;
/** A disk that takes longer is not waited for. */
const PATIENCE_MS = 800;
/** The service worker's: pictures are somebody's, too. */
const PICTURES = 'realtime-pictures';

export class Album {
  readonly #core: Core;
  readonly #vault: Vault | null;
  readonly #clock: Clock;
  #cancel: (() => void) | null = null;
  #isStopped = false;
  #unsubscribe: (() => void) | null = null;
  readonly #hidden = () => {
    if (document.visibilityState === 'hidden') this.#keep();
  };

  constructor(core: Core, vault: Vault | null, clock: Clock) {
    this.#core = core;
    this.#vault = vault;
    this.#clock = clock;
  }

  /** Calls `begin` once: with the view that was kept for `who`, or null. At once where nothing is kept. */
  open(who: Id | null, begin: (view: KeptView | null) => void): void {
    const vault = this.#vault;
    if (vault === null || who === null) {
      this.#begin(() => begin(null));
      return;
    }
    let isBegun = false;
    const once = (view: KeptView | null) => {
      if (isBegun || this.#isStopped) return;
      isBegun = true;
      cancel();
      this.#begin(() => begin(view));
    };
    const cancel = this.#clock.after(PATIENCE_MS, () => once(null));
    void vault.view(who).then(once);
  }

  #begin(begin: () => void): void {
    begin();
    if (this.#vault === null) return;
    this.#unsubscribe = this.#core.store.subscribe((now, before) => {
      if (KEPT.some((part) => now[part] !== before[part])) this.#soon();
    });
    if (typeof document === 'object') document.addEventListener('visibilitychange', this.#hidden);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
    this.#unsubscribe?.();
    if (typeof document === 'object')
      document.removeEventListener('visibilitychange', this.#hidden);
  }

  /** Nobody's view may be shown at the next start. */
  drop(): void {
    void this.#vault?.dropViews();
    dropPictures();
  }

  /** Signed out: all of this account's goes. */
  forget(user: Id): void {
    void this.#vault?.forget(user);
    this.drop();
  }

  #soon(): void {
    this.#cancel ??= this.#clock.after(QUIET_MS, () => this.#keep());
  }

  #keep(): void {
    this.#cancel?.();
    this.#cancel = null;
    // What was heard and is not shown yet belongs below the cursor.
    this.#core.flush();
    const view = viewOf(get(this.#core), this.#core.session.line.cursor);
    if (view !== null) void this.#vault?.keepView(view);
  }
}

function dropPictures(): void {
  if (typeof caches === 'undefined') return;
  void caches.delete(PICTURES).catch(() => undefined);
}
