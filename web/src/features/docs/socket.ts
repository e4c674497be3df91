/** One socket for trying: every frame of both directions is kept, with its time. */

import { type Known, learnt } from './sample';

export interface Said {
  readonly number: number;
  readonly at: number;
  /** `note`: the page's own words about the socket. */
  readonly from: 'here' | 'server' | 'note';
  readonly text: string;
}

export interface Trial {
  readonly state: 'closed' | 'opening' | 'open';
  readonly said: readonly Said[];
  readonly known: Known;
  /** Who the server says this is; null: a visitor. */
  readonly name: string | null;
}

export const NOTHING: Trial = { state: 'closed', said: [], known: {}, name: null };

const KEPT = 200;

export class TrialSocket {
  #trial = NOTHING;
  #socket: WebSocket | null = null;
  #ref = 0;
  #number = 0;
  readonly #listeners = new Set<() => void>();
  readonly #open: () => WebSocket;

  constructor(open: () => WebSocket) {
    this.#open = open;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly get = (): Trial => this.#trial;

  /** Open, and say hello as whoever is signed in in this browser. */
  connect(): void {
    if (this.#socket !== null) return;
    const socket = this.#open();
    this.#socket = socket;
    this.#set({ state: 'opening' });
    socket.onopen = () => {
      this.#set({ state: 'open' });
      this.send({ type: 'hello', client: 'docs' });
    };
    socket.onmessage = ({ data }) => this.#heard(String(data));
    socket.onclose = ({ code, reason }) => {
      this.#socket = null;
      this.#say('note', `closed with ${code}${reason ? `: ${reason}` : ''}`);
      this.#set({ state: 'closed', name: null });
    };
  }

  disconnect(): void {
    this.#socket?.close(1000);
  }

  /** Send, with a `ref` if it has none. False: there is no open socket. */
  send(command: Readonly<Record<string, unknown>>): boolean {
    if (this.#socket === null || this.#trial.state !== 'open') return false;
    this.#ref += 1;
    const { type, ref = this.#ref, ...fields } = command;
    const text = JSON.stringify({ type, ref, ...fields });
    this.#socket.send(text);
    this.#say('here', text);
    return true;
  }

  clear(): void {
    this.#set({ said: [] });
  }

  #heard(text: string): void {
    this.#say('server', text);
    const frame = parsed(text);
    if (frame === null) return;
    this.#set({ known: learnt(this.#trial.known, frame) });
    if (frame['type'] !== 'welcome') return;
    const user = frame['user'] as { readonly name: string } | null;
    this.#set({ name: user?.name ?? null });
  }

  #say(from: Said['from'], text: string): void {
    this.#number += 1;
    const said = { number: this.#number, at: Date.now(), from, text };
    this.#set({ said: [...this.#trial.said, said].slice(-KEPT) });
  }

  #set(change: Partial<Trial>): void {
    this.#trial = { ...this.#trial, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** The object in this text; null: there is none. */
export function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
