/** What is unsent: kept, shared with the other windows, and sent by one window at a time. */

import type { Noun } from '../wire/protocol';
import type { Clock } from '../wire/session';
import { type Core, get } from './core';
import type { Kept, KeptFile } from './kept';
import type { Id } from './types';
import type { Vault } from './vault';
import type { Message, Windows } from './windows';

/** A kind of what is kept here, and the one who knows what to do with it. */
export interface Ward {
  /** An earlier page's, or another window's; older than what is known here it changes nothing. */
  take(kept: Kept): void;
  /** Another window is done with it; `nouns` is what came of it, as far as that is known. */
  gone(key: string, token: string, nouns: readonly Noun[]): void;
  /** Begin to send whatever may be sent now; only ever called in the one window that sends. */
  pump(): void;
  /** Something that was begun is under way. */
  isBusy(): boolean;
  /** When there will be something to send, in ms; null: nothing is to be sent. */
  due(): number | null;
}

/** So long the window in which it was written has the first go. */
const GRACE_MS = 700;

export class Outbox {
  readonly #core: Core;
  readonly #vault: Vault | null;
  readonly #windows: Windows;
  readonly #clock: Clock;
  readonly #wards: Readonly<Record<Kept['what'], () => Ward>>;
  /** Whose it is, as far as it was read. */
  #user: Id | null = null;
  /** What is surely on the disk, by key: its token, and its kind. */
  readonly #written = new Map<string, { readonly token: string; readonly what: Kept['what'] }>();
  #lastAt = 0;
  /** How to let the other windows send; null: this one does not. */
  #release: (() => void) | null = null;
  #isWaiting = false;
  #cancelAlarm: (() => void) | null = null;
  readonly #stopListening: () => void;

  constructor(
    core: Core,
    outside: { readonly vault: Vault | null; readonly windows: Windows; readonly clock: Clock },
    wards: Readonly<Record<Kept['what'], () => Ward>>,
  ) {
    this.#core = core;
    this.#vault = outside.vault;
    this.#windows = outside.windows;
    this.#clock = outside.clock;
    this.#wards = wards;
    this.#stopListening = this.#windows.listen((message) => this.#heard(message));
  }

  get now(): number {
    return this.#clock.now();
  }

  /** What decides when something is sent again. */
  get moment(): { readonly ms: number; readonly chance: number; readonly isLive: boolean } {
    return { ms: this.now, chance: this.#clock.chance(), isLive: this.#isLive() };
  }

  /** Calls once, after so many ms; returns how to call it off. */
  after(ms: number, call: () => void): () => void {
    return this.#clock.after(ms, call);
  }

  /** The next place in the order of sending. */
  place(): number {
    this.#lastAt = Math.max(Date.now(), this.#lastAt + 1);
    return this.#lastAt;
  }

  /** Begin with what an earlier page of this account has left. */
  async open(user: Id): Promise<void> {
    this.#user = user;
    await this.#read(user);
    if (this.#user === user) this.wake();
  }

  /** Another account: what is kept stays kept, under its own account's name. */
  close(): void {
    this.#user = null;
    this.#written.clear();
    this.#cancelAlarm?.();
    this.#letGo();
  }

  stop(): void {
    this.close();
    this.#stopListening();
  }

  /** It is new, or has changed. */
  keep(kept: Kept, files: readonly KeptFile[] = []): void {
    void this.#vault?.keep(kept, files).then((isWritten) => {
      if (isWritten && this.#user === kept.user) this.#written.set(kept.key, markOf(kept));
    });
    this.#windows.tell({ what: 'kept', kept });
  }

  /** It is answered for, or was taken back; `nouns` are what the others show in its place. */
  drop(user: Id, key: string, token = '', nouns: readonly Noun[] = []): void {
    this.#written.delete(key);
    void this.#vault?.drop(user, key);
    this.#windows.tell({ what: 'gone', user, key, token, nouns });
  }

  files(user: Id, key: string): Promise<readonly KeptFile[]> {
    return this.#vault?.files(user, key) ?? Promise.resolve([]);
  }

  /** Something changed that may make sending possible, or needless. */
  wake(): void {
    this.#cancelAlarm?.();
    this.#cancelAlarm = null;
    const wards = this.#all();
    if (this.#user === null || !this.#isLive()) {
      // A window without a connection must not keep the others from sending.
      this.#letGo();
      return;
    }
    const isMine = this.#release !== null;
    if (isMine) {
      for (const ward of wards) ward.pump();
      if (wards.some((ward) => ward.isBusy())) return;
      this.#letGo();
    }
    const due = Math.min(...wards.map((ward) => ward.due() ?? Number.POSITIVE_INFINITY));
    const wait = due - this.now;
    if (wait === Number.POSITIVE_INFINITY) return;
    if (wait > 0) this.#cancelAlarm = this.#clock.after(wait, () => this.wake());
    else if (!isMine) this.#take();
  }

  #take(): void {
    if (this.#isWaiting || this.#release !== null) return;
    this.#isWaiting = true;
    const user = this.#user;
    void this.#windows.alone(`realtime-outbox-${user}`, () => {
      this.#isWaiting = false;
      if (user === null || user !== this.#user || !this.#isLive()) return Promise.resolve();
      return this.#hold(user);
    });
  }

  /** This window sends, until it has nothing more to send, or can't. */
  #hold(user: Id): Promise<void> {
    return new Promise((resolve) => {
      const release = () => {
        if (this.#release === release) this.#release = null;
        resolve();
      };
      this.#release = release;
      if (this.#vault === null) {
        this.wake();
        return;
      }
      // What the window before has done may not have been heard of yet.
      void this.#read(user).finally(() => {
        if (this.#release === release) this.wake();
      });
    });
  }

  #letGo(): void {
    this.#release?.();
  }

  async #read(user: Id): Promise<void> {
    const before = new Map(this.#written);
    const found = (await this.#vault?.kept(user)) ?? null;
    if (found === null || this.#user !== user) return;
    const there = new Set(found.map(({ key }) => key));
    for (const [key, { token, what }] of before) {
      if (there.has(key) || this.#written.get(key)?.token !== token) continue;
      this.#written.delete(key);
      this.#wards[what]().gone(key, token, []);
    }
    for (const kept of [...found].sort((a, b) => a.at - b.at)) {
      this.#lastAt = Math.max(this.#lastAt, kept.at);
      this.#written.set(kept.key, markOf(kept));
      this.#wards[kept.what]().take(kept);
    }
  }

  #heard(message: Message): void {
    const user = message.what === 'kept' ? message.kept.user : message.user;
    if (user !== this.#user || user !== get(this.#core).account.user_id) return;
    if (message.what === 'kept') {
      const { kept } = message;
      this.#lastAt = Math.max(this.#lastAt, kept.at);
      this.#wards[kept.what]().take(kept);
      // Whoever wrote it sends it, unless that one can't.
      this.#clock.after(GRACE_MS, () => this.wake());
    } else {
      const { key, token, nouns } = message;
      if (nouns.length > 0) this.#core.tell(`author:${user}`, ...nouns);
      for (const ward of this.#all()) ward.gone(key, token, nouns);
    }
  }

  #all(): Ward[] {
    return Object.values(this.#wards).map((ward) => ward());
  }

  #isLive(): boolean {
    const { account } = get(this.#core);
    return this.#core.session.line.phase === 'live' && account.state === 'in';
  }
}

function markOf(kept: Kept): { readonly token: string; readonly what: Kept['what'] } {
  return { token: kept.what === 'deed' ? kept.token : '', what: kept.what };
}
