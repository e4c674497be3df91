/** Time, chance, the network and the page, held by the test. */

import type { Clock, Page, Socket } from '../session';

export class FakeClock implements Clock {
  ms = 1_000_000;
  luck = 0.5;
  #timers: { at: number; call: () => void }[] = [];

  now(): number {
    return this.ms;
  }

  chance(): number {
    return this.luck;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.ms + ms, call };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Let so many ms pass, calling what falls due in its order. */
  pass(ms: number): void {
    const end = this.ms + ms;
    for (let i = 0; i < 100_000; i += 1) {
      const due = this.#timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== due);
      this.ms = Math.max(this.ms, due.at);
      due.call();
    }
    this.ms = end;
  }
}

export interface Sent {
  readonly type: string;
  readonly ref: number;
  readonly [field: string]: unknown;
}

export class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((message: { readonly data: unknown }) => void) | null = null;
  onclose: ((close: { readonly code: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly sent: Sent[] = [];
  isClosed = false;

  send(frame: string): void {
    this.sent.push(JSON.parse(frame) as Sent);
  }

  close(): void {
    this.isClosed = true;
  }

  /** The server says something. */
  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** The connection is lost. */
  lose(code = 1006): void {
    this.onclose?.({ code });
  }

  get hello(): Sent {
    const hello = this.sent.findLast((frame) => frame.type === 'hello');
    if (hello === undefined) throw new Error('No hello was sent.');
    return hello;
  }

  /** What was sent of this type, in order. */
  of(type: string): Sent[] {
    return this.sent.filter((frame) => frame.type === type);
  }

  last(type: string): Sent {
    const frame = this.of(type).at(-1);
    if (frame === undefined) throw new Error(`No ${type} was sent.`);
    return frame;
  }

  ok(type: string, result: object): void {
    this.say({ type: 'ok', ref: this.last(type).ref, result });
  }
}

export class FakePage implements Page {
  hidden = false;
  #listener: ((what: 'seen' | 'hidden' | 'online') => void) | null = null;

  isHidden(): boolean {
    return this.hidden;
  }

  watch(listener: (what: 'seen' | 'hidden' | 'online') => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = null;
    };
  }

  hide(): void {
    this.hidden = true;
    this.#listener?.('hidden');
  }

  show(): void {
    this.hidden = false;
    this.#listener?.('seen');
  }

  online(): void {
    this.#listener?.('online');
  }
}

/** Sockets as they are opened; the newest is `last`. */
export class FakeNetwork {
  readonly sockets: FakeSocket[] = [];

  readonly open = (): FakeSocket => {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket;
  };

  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('No socket was opened.');
    return socket;
  }
}

export function aWelcome(ref: number, more: object = {}): object {
  return {
    type: 'welcome',
    ref,
    user: null,
    cursor: 'c1',
    resumed: false,
    unread: 0,
    draft: null,
    limits: LIMITS,
    heartbeat_s: 20,
    ...more,
  };
}

export const LIMITS = {
  text: 500,
  display_name: 50,
  bio: 300,
  alt: 1500,
  media: 4,
  media_bytes: 16 * 2 ** 20,
  media_types: ['image/png', 'image/jpeg'],
  pixels: 50_000_000,
  reactions: 8,
  watch: 200,
  page: 100,
  frame_bytes: 65_536,
};

/** Let promises settle. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}
