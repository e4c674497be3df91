/** What is being written, shared between one's own windows: the newest wins, and takes nothing from under a hand. */

import type { Draft as Noun } from '../wire/protocol';
import type { Slot } from './api';
import { type Core, change, get } from './core';
import type { Begun } from './types';

/** A pause in typing. */
const QUIET_MS = 800;

export class Sharing {
  readonly #core: Core;
  readonly #after: (ms: number, call: () => void) => () => void;
  #cancel: (() => void) | null = null;
  /** To be told with the next connection. */
  #unsaid: Begun | null = null;
  /** What this window said last, and what all windows know. */
  #said = '';
  #shared: Begun | null = null;
  #seq = 0;

  constructor(core: Core, after: (ms: number, call: () => void) => () => void) {
    this.#core = core;
    this.#after = after;
  }

  /** Somebody types here; an empty text takes the draft back. */
  typed(slot: Slot, text: string): void {
    if (text === '' && this.#unsaid === null && this.#shared?.slot !== slot) return;
    this.#unsaid = { slot, text };
    this.#cancel?.();
    // What was posted is nobody's to go on with: that is said at once.
    if (text === '') this.say();
    else this.#cancel = this.#after(QUIET_MS, () => this.say());
  }

  /** Tell what was not told yet, if there is a connection. */
  say(): void {
    this.#cancel?.();
    this.#cancel = null;
    const { session } = this.#core;
    if (this.#unsaid === null || session.line.phase !== 'live') return;
    const draft = this.#unsaid.text === '' ? null : { ...this.#unsaid };
    this.#said = JSON.stringify(draft);
    this.#shared = draft;
    this.#unsaid = null;
    // Refused or lost, it is still kept in this browser.
    session.send('draft.set', { draft }, { again: false }).catch(() => undefined);
  }

  /** At a welcome: only where nothing was begun here. */
  welcomed(draft: unknown): void {
    const begun = begunOf(draft);
    const me = get(this.#core).account.user_id;
    if (begun !== null && me !== null && this.#unsaid === null) {
      if (this.#core.keep.text(me, begun.slot as Slot) === '') this.#show(me, begun);
      this.#shared = begun;
    }
    this.say();
  }

  /** Told by a window of mine, perhaps this one. */
  heard({ seq, draft }: Noun): void {
    const me = get(this.#core).account.user_id;
    if (me === null || seq < this.#seq) return;
    this.#seq = seq;
    const before = this.#shared;
    this.#shared = begunOf(draft);
    if (this.#unsaid !== null || JSON.stringify(draft) === this.#said) return;
    if (this.#shared !== null) this.#show(me, this.#shared);
    else if (before !== null && ['', before.text].includes(this.#kept(me, before))) {
      // Windows of one browser share what is kept: it may be gone already.
      this.#show(me, { ...before, text: '', ended: before.text });
    }
  }

  leave(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#unsaid = null;
    this.#shared = null;
    this.#said = '';
    this.#seq = 0;
  }

  #kept(me: string, { slot }: Begun): string {
    return this.#core.keep.text(me, slot as Slot);
  }

  #show(me: string, begun: Begun): void {
    this.#core.keep.keepText(me, begun.slot as Slot, begun.text);
    change(this.#core, (state) => ({ ...state, begun }));
  }
}

/** Another client may have put anything there. */
function begunOf(draft: unknown): Begun | null {
  if (typeof draft !== 'object' || draft === null) return null;
  const { slot, text } = draft as Partial<Begun>;
  const isSlot = typeof slot === 'string' && /^(?:home|(?:reply|quote):[\w-]+)$/.test(slot);
  return isSlot && typeof text === 'string' ? { slot, text } : null;
}
