/** A whole store on a fake network: what a page has, with the server played by the test. */

import type { Http } from '../../wire/http';
import type { Media, User } from '../../wire/protocol';
import { Refusal } from '../../wire/refusal';
import {
  aWelcome,
  FakeClock,
  FakeNetwork,
  FakePage,
  type FakeSocket,
  settled,
} from '../../wire/testing/fakes';
import { buildRealtime, type Realtime } from '../realtime';
import type { Vault } from '../vault';
import { NO_WINDOWS } from '../windows';
import { user } from './nouns';

/** HTTP whose answers the test gives, one call at a time. */
export class FakeHttp implements Http {
  readonly calls: {
    what: string;
    args: unknown[];
    resolve(v: unknown): void;
    reject(e: unknown): void;
  }[] = [];

  #call<T>(what: string, ...args: unknown[]): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.calls.push({ what, args, resolve: (v) => resolve(v as T), reject });
    });
  }

  register(name: string, password: string): Promise<User> {
    return this.#call('register', name, password);
  }
  login(name: string, password: string): Promise<User> {
    return this.#call('login', name, password);
  }
  logout(): Promise<void> {
    return this.#call('logout');
  }
  deleteAccount(password: string): Promise<void> {
    return this.#call('deleteAccount', password);
  }
  session(): Promise<null> {
    return this.#call('session');
  }
  sessions(): Promise<[]> {
    return this.#call('sessions');
  }
  endSession(id: string): Promise<void> {
    return this.#call('endSession', id);
  }
  changePassword(): Promise<void> {
    return this.#call('changePassword');
  }
  ticket(): Promise<string> {
    return this.#call('ticket');
  }
  upload(
    _file: Blob,
    name: string,
    alt: string,
    options: { onProgress?: (part: number) => void; signal?: AbortSignal } = {},
  ): Promise<Media> {
    options.onProgress?.(0.5);
    const uploading = this.#call<Media>('upload', name, alt);
    options.signal?.addEventListener('abort', () =>
      this.calls.at(-1)?.reject(new Refusal('cancelled')),
    );
    return uploading;
  }

  /** The latest call of this kind. */
  last(what: string) {
    const call = this.calls.findLast((one) => one.what === what);
    if (call === undefined) throw new Error(`No ${what} was called.`);
    return call;
  }
}

export class FakeStorage implements Storage {
  readonly #map = new Map<string, string>();

  get length(): number {
    return this.#map.size;
  }
  key(i: number): string | null {
    return [...this.#map.keys()][i] ?? null;
  }
  getItem(key: string): string | null {
    return this.#map.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.#map.set(key, value);
  }
  removeItem(key: string): void {
    this.#map.delete(key);
  }
  clear(): void {
    this.#map.clear();
  }
}

export function media(id: string, more: Partial<Media> = {}): Media {
  return {
    kind: 'media',
    id,
    type: 'image/png',
    url: `/media/${id}`,
    sizes: [],
    width: 10,
    height: 10,
    alt: '',
    thumbhash: '',
    animated: false,
    ...more,
  };
}

export class Stage {
  readonly clock = new FakeClock();
  readonly page = new FakePage();
  readonly network = new FakeNetwork();
  readonly http = new FakeHttp();
  readonly storage: FakeStorage;
  readonly realtime: Realtime;
  #frames: (() => void)[] = [];

  /** With a vault, what was not sent outlives it; and then sending takes a moment. */
  constructor(storage = new FakeStorage(), vault: Vault | null = null, windows = NO_WINDOWS) {
    this.storage = storage;
    this.realtime = buildRealtime({
      open: this.network.open,
      http: this.http,
      clock: this.clock,
      page: this.page,
      storage,
      schedule: (call) => this.#frames.push(call),
      vault: vault && (() => vault),
      windows,
    });
  }

  get socket(): FakeSocket {
    return this.network.last;
  }

  get state() {
    return this.realtime.store.getState();
  }

  get actions() {
    return this.realtime.actions;
  }

  /** Open the newest socket and welcome it; as a visitor with `null`. */
  welcome(who: User | null = user('1'), more: object = {}): void {
    this.socket.onopen?.();
    this.socket.say(aWelcome(this.socket.hello.ref, { user: who, ...more }));
  }

  event(topic: string, noun: object): void {
    this.socket.say({ type: 'event', topic, noun });
  }

  frame(): void {
    for (const call of this.#frames.splice(0)) call();
  }

  /** Lose the connection and be welcomed again. */
  async comeBack(more: object = { resumed: true }, who: User | null = user('1')): Promise<void> {
    this.socket.lose();
    this.clock.pass(30_000);
    this.welcome(who, more);
    await settled();
  }

  /** Answer the newest question of this type. */
  async ok(type: string, result: object): Promise<void> {
    this.socket.ok(type, result);
    await settled();
  }

  async refuse(type: string, code: string, more: object = {}): Promise<void> {
    const { ref } = this.socket.last(type);
    this.socket.say({ type: 'error', ref, code, message: `Refused: ${code}.`, ...more });
    await settled();
  }
}
