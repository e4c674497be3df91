/** What is being written, shared between one's own windows: the newest wins, and takes nothing from under a hand. */

import type { Draft as Noun } from '../wire/protocol';
import { asRefusal } from '../wire/refusal';
import type { Slot } from './api';
import { type Core, change, get } from './core';
import { slotOf } from './drafts';
import type { Begun } from './types';

/** A pause in typing. */
const QUIET_MS = 800;
/** More than these are never on their way at once. */
const ECHOES = 8;

export class Sharing {
  readonly #core: Core;
  readonly #after: (ms: number, call: () => void) => () => void;
  #cancel: (() => void) | null = null;
  /** To be told with the next connection. */
  #unsaid: Begun | null = null;
  /** What all windows know. */
  #shared: Begun | null = null;
  /** What this window said and has not heard of, oldest first. */
  #echoes: readonly string[] = [];
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
    const unsaid = this.#unsaid;
    const draft = unsaid.text === '' ? null : { ...unsaid };
    this.#unsaid = null;
    if (draft === null && this.#shared === null) return;
    this.#echoes = [...this.#echoes, JSON.stringify(draft)].slice(-ECHOES);
    this.#shared = draft;
    session.send('draft.set', { draft }, { again: false }).catch((thrown) => {
      // Lost on the way: said again with the next connection. Refused, it is still kept here.
      if (asRefusal(thrown).code === 'offline') this.#unsaid ??= unsaid;
    });
  }

  /** These words are on their way as a post of an earlier page or another window: nobody goes on. */
  posted(slot: Slot, text: string): void {
    const me = get(this.#core).account.user_id;
    const shared = this.#shared;
    if (me === null || shared === null || !isSame(shared, { slot, text })) return;
    if (this.#kept(me, shared) === text) this.#show(me, { slot, text: '', ended: text });
    this.#unsaid = { slot, text: '' };
    this.#cancel?.();
    // Whoever posts it says so at once, if it can.
    this.#cancel = this.#after(QUIET_MS, () => this.say());
  }

  /** At a welcome: what was written here is not taken away. */
  welcomed(draft: unknown): void {
    const begun = begunOf(draft);
    const before = this.#shared;
    const me = get(this.#core).account.user_id;
    this.#shared = begun;
    this.#echoes = [];
    if (me === null) return;
    if (this.#unsaid === null) {
      if (begun === null) this.#ended(me, before);
      else if (this.#isPosted(begun)) this.#unsaid = { ...begun, text: '' };
      else if (['', before?.text].includes(this.#kept(me, begun))) this.#show(me, begun);
    }
    this.say();
  }

  /** Told by a window of mine, perhaps this one. */
  heard({ seq, draft }: Noun): void {
    const me = get(this.#core).account.user_id;
    if (me === null || seq < this.#seq) return;
    this.#seq = seq;
    const echo = this.#echoes.indexOf(JSON.stringify(draft));
    // More may have been said since: only the words of others are news.
    this.#echoes = echo < 0 ? [] : this.#echoes.slice(echo + 1);
    if (echo >= 0) return;
    const before = this.#shared;
    this.#shared = begunOf(draft);
    // It is so already.
    if (draft === null && this.#unsaid?.text === '') this.#unsaid = null;
    if (this.#unsaid !== null) return;
    if (this.#shared !== null) this.#show(me, this.#shared);
    else this.#ended(me, before);
  }

  /** It was posted or thrown away elsewhere: it goes from here, unless more was written. */
  #ended(me: string, before: Begun | null): void {
    // Windows of one browser share what is kept: it may be gone already.
    if (before === null || !['', before.text].includes(this.#kept(me, before))) return;
    this.#show(me, { ...before, text: '', ended: before.text });
  }

  #isPosted(begun: Begun): boolean {
    const { drafts } = get(this.#core);
    return drafts.some((one) => isSame(begun, { slot: slotOf(one), text: one.text }));
  }

  leave(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#unsaid = null;
    this.#shared = null;
    this.#echoes = [];
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

function isSame(one: Begun, other: Begun): boolean {
  return one.slot === other.slot && one.text === other.text;
}

/** Another client may have put anything there. */
function begunOf(draft: unknown): Begun | null {
  if (typeof draft !== 'object' || draft === null) return null;
  const { slot, text } = draft as Partial<Begun>;
  const isSlot = typeof slot === 'string' && /^(?:home|(?:reply|quote):[\w-]+)$/.test(slot);
  return isSlot && typeof text === 'string' ? { slot, text } : null;
}
