/** One socket that comes back by itself, and commands as promises that outlive it. */

import { due, type Effect, type Input, type Line, START, step } from './line';
import type { Commands, Frame, Noun, Welcome } from './protocol';
import { Refusal } from './refusal';
import { Speed } from './speed';

/** The part of `WebSocket` that is used. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((message: { readonly data: unknown }) => void) | null;
  onclose: ((close: { readonly code: number }) => void) | null;
  onerror: (() => void) | null;
  send(frame: string): void;
  close(): void;
}

/** Time and chance, so that tests may hold both. */
export interface Clock {
  now(): number;
  chance(): number;
  /** Call once after so many ms; returns how to call it off. */
  after(ms: number, call: () => void): () => void;
}

/** Whether the page is seen, and when something about that changes. */
export interface Page {
  isHidden(): boolean;
  /** `seen`: visible again; `hidden`; `online`: the network is back. Returns how to stop. */
  watch(listener: (what: 'seen' | 'hidden' | 'online') => void): () => void;
}

/** What the session tells its one owner. Called in the order in which things came. */
export interface Listener {
  welcome(welcome: Welcome, gap: boolean): void;
  event(topic: string, noun: Noun): void;
  /** `line` changed, or a second of `retryInSeconds` has passed. */
  changed(session: Session): void;
}

export type Result<K extends keyof Commands> = Commands[K]['result'];
export type Fields<K extends keyof Commands> = Commands[K]['fields'];

interface Pending {
  resolve(result: unknown): void;
  reject(refusal: Refusal): void;
}

const TICK_MS = 1000;

export class Session {
  readonly speed = new Speed();
  readonly #open: () => Socket;
  readonly #clock: Clock;
  readonly #page: Page;
  readonly #listener: Listener;
  readonly #pending = new Map<number, Pending>();
  #line: Line = START;
  #socket: Socket | null = null;
  #nextId = 1;
  #cancelAlarm: (() => void) | null = null;
  #unwatch: (() => void) | null = null;

  constructor(open: () => Socket, listener: Listener, clock = realClock(), page = realPage()) {
    this.#open = open;
    this.#listener = listener;
    this.#clock = clock;
    this.#page = page;
  }

  get line(): Line {
    return this.#line;
  }

  /** While off: whole seconds until the next try; null: not by itself. */
  get retryInSeconds(): number | null {
    const { phase, retryAt, hidden } = this.#line;
    if (phase !== 'off' || retryAt === null || hidden) return null;
    return Math.max(0, Math.ceil((retryAt - this.#clock.now()) / 1000));
  }

  /** Connect, and stay so; from `cursor` on, if there is a view that it belongs to. */
  start(cursor: string | null = null): void {
    this.#unwatch ??= this.#page.watch((what) => {
      this.#do({ what: 'hidden', hidden: this.#page.isHidden() });
      if (what !== 'hidden' && !this.#page.isHidden()) this.#do({ what: 'wake' });
    });
    this.#do({ what: 'hidden', hidden: this.#page.isHidden() });
    this.#do({ what: 'start', cursor });
  }

  /** Let go. Everything that waits is refused as `cancelled`. */
  stop(): void {
    this.#unwatch?.();
    this.#unwatch = null;
    this.#do({ what: 'stop' });
  }

  /** Begin as on a first visit: somebody signed in or out. What waits is refused as `cancelled`. */
  renew(): void {
    this.#do({ what: 'renew' });
  }

  /** Refuse all that waits as `cancelled`: somebody else is signed in now. */
  forget(): void {
    this.#do({ what: 'forget' });
  }

  /** Come back at once, if away. */
  wake(): void {
    this.#do({ what: 'wake' });
  }

  /**
   * Ask, and be answered, over as many sockets as it takes: every command of the protocol may be
   * repeated. With `again: false` the loss of the socket refuses it as `offline`.
   *
   * Rejects with a Refusal only. Reads and verbs that set are tried again by themselves when the
   * server was merely busy; a post is not, its writer is told. With `ahead` it goes before all that waits.
   */
  send<K extends keyof Commands>(
    type: K,
    fields: Fields<K>,
    options: {
      readonly again?: boolean;
      readonly ahead?: boolean;
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<Result<K>> {
    const { again = true, ahead = false, signal } = options;
    if (signal?.aborted) return Promise.reject(new Refusal('cancelled'));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: (result) => resolve(result as Result<K>), reject });
      signal?.addEventListener('abort', () => this.#cancel(id), { once: true });
      const command = { id, type, fields: fields as Record<string, unknown>, again, ahead };
      this.#do({ what: 'send', command });
    });
  }

  #cancel(id: number): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    this.#do({ what: 'cancel', id });
    pending.reject(new Refusal('cancelled'));
  }

  #do(input: Input): void {
    const before = this.#line;
    const now = { ms: this.#clock.now(), chance: this.#clock.chance() };
    const [line, effects] = step(before, input, now);
    this.#line = line;
    for (const effect of effects) this.#perform(effect);
    this.#setAlarm();
    const { phase, reason, retryAt, hidden } = this.#line;
    const isSame =
      phase === before.phase &&
      reason === before.reason &&
      retryAt === before.retryAt &&
      hidden === before.hidden;
    if (!isSame) this.#listener.changed(this);
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case 'open':
        this.#connect();
        break;
      case 'write':
        this.#socket?.send(JSON.stringify(effect.frame));
        break;
      case 'drop':
        this.#drop();
        break;
      case 'answer':
        this.#settle(effect.id)?.resolve(effect.result);
        break;
      case 'refuse':
        this.#settle(effect.id)?.reject(effect.refusal);
        break;
      case 'flush':
        this.#do({ what: 'flush' });
        break;
      case 'event':
        this.#listener.event(effect.topic, effect.noun);
        break;
      case 'welcome':
        this.#listener.welcome(effect.welcome, effect.gap);
        break;
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #connect(): void {
    this.#drop();
    const socket = this.#open();
    this.#socket = socket;
    socket.onopen = () => this.#do({ what: 'opened' });
    socket.onmessage = ({ data }) => {
      const frame = parse(data);
      if (frame !== null) this.speed.heard(frame, this.#clock.now());
      this.#do(frame === null ? { what: 'noise' } : { what: 'frame', frame });
    };
    socket.onclose = ({ code }) => {
      this.#socket = null;
      this.#do({ what: 'closed', code });
    };
  }

  #drop(): void {
    const socket = this.#socket;
    if (socket === null) return;
    this.#socket = null;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  #setAlarm(): void {
    this.#cancelAlarm?.();
    this.#cancelAlarm = null;
    const at = due(this.#line);
    if (at === null) return;
    const wait = Math.max(0, at - this.#clock.now());
    const isCountdown = this.#line.phase === 'off';
    this.#cancelAlarm = this.#clock.after(isCountdown ? Math.min(TICK_MS, wait) : wait, () => {
      this.#cancelAlarm = null;
      const before = this.#line;
      this.#do({ what: 'alarm' });
      if (isCountdown && this.#line === before) this.#listener.changed(this);
    });
  }
}

/** Null for what is no object with a `type`; unknown types are left to the rules, which ignore them. */
function parse(data: unknown): Frame | null {
  if (typeof data !== 'string') return null;
  try {
    const frame: unknown = JSON.parse(data);
    const isFrame = typeof frame === 'object' && frame !== null && 'type' in frame;
    return isFrame ? (frame as Frame) : null;
  } catch {
    return null;
  }
}

/** A socket to this site's `/ws`. */
export function openSocket(url: string): Socket {
  return new WebSocket(url, 'realtime.v1') as Socket;
}

export function realClock(): Clock {
  return {
    now: () => Date.now(),
    chance: () => Math.random(),
    after(ms, call) {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
  };
}

export function realPage(): Page {
  return {
    isHidden: () => document.visibilityState === 'hidden',
    watch(listener) {
      const seen = () => listener(document.visibilityState === 'hidden' ? 'hidden' : 'seen');
      const online = () => listener('online');
      document.addEventListener('visibilitychange', seen);
      addEventListener('pageshow', seen);
      addEventListener('online', online);
      return () => {
        document.removeEventListener('visibilitychange', seen);
        removeEventListener('pageshow', seen);
        removeEventListener('online', online);
      };
    },
  };
}
