/** What outlives the page: words not yet posted, per account, in the browser's storage. */

import type { Slot } from './api';
import type { Id } from './types';

const PREFIX = 'realtime:';
const SIGNED = `${PREFIX}signed`;
/** A text that nobody went on with for so long is forgotten. */
const FORGET_MS = 60 * 24 * 3600 * 1000;

interface KeptText {
  readonly text: string;
  readonly at: number;
}

/** Never throws: a full or forbidden storage only means that nothing outlives the page. */
export class Keep {
  readonly #storage: Storage | null;

  constructor(storage: Storage | null) {
    this.#storage = storage;
  }

  text(user: Id, slot: Slot): string {
    return this.#read<KeptText>(`text:${user}:${slot}`)?.text ?? '';
  }

  keepText(user: Id, slot: Slot, text: string): void {
    const key = `text:${user}:${slot}`;
    if (text === '') this.#remove(key);
    else this.#write(key, { text, at: Date.now() });
  }

  /** How many composers of this account hold words. */
  texts(user: Id): number {
    return this.#keys(`text:${user}:`).length;
  }

  /** All words of this account that were not sent. */
  dropTexts(user: Id): void {
    for (const key of this.#keys(`text:${user}:`)) this.#remove(key);
  }

  /** Who was signed in here last, and has not signed out; null: nobody. */
  get who(): Id | null {
    return this.#read<Id>('who');
  }

  set who(user: Id | null) {
    if (user === null) this.#remove('who');
    else this.#write('who', user);
  }

  dropOldTexts(): void {
    const oldest = Date.now() - FORGET_MS;
    for (const key of this.#keys('text:')) {
      if ((this.#read<KeptText>(key)?.at ?? 0) < oldest) this.#remove(key);
    }
  }

  /** Tell this browser's other windows that somebody signed in or out here. */
  signed(): void {
    this.#write('signed', Date.now());
  }

  /** Another window of this browser signed in or out. Returns how to stop. */
  onSigned(call: () => void): () => void {
    if (this.#storage === null || typeof addEventListener !== 'function') return () => undefined;
    const listener = (event: StorageEvent) => {
      if (event.key === SIGNED && event.newValue !== null) call();
    };
    addEventListener('storage', listener);
    return () => removeEventListener('storage', listener);
  }

  #keys(start: string): string[] {
    const keys: string[] = [];
    try {
      const { length } = this.#storage ?? { length: 0 };
      for (let i = 0; i < length; i += 1) {
        const key = this.#storage?.key(i);
        if (key?.startsWith(PREFIX + start)) keys.push(key.slice(PREFIX.length));
      }
    } catch {
      return [];
    }
    return keys;
  }

  #read<T>(key: string): T | null {
    try {
      const text = this.#storage?.getItem(PREFIX + key) ?? null;
      return text === null ? null : (JSON.parse(text) as T);
    } catch {
      return null;
    }
  }

  #write(key: string, value: unknown): void {
    try {
      this.#storage?.setItem(PREFIX + key, JSON.stringify(value));
    } catch {
      // Full or forbidden: it lives as long as the page.
    }
  }

  #remove(key: string): void {
    try {
      this.#storage?.removeItem(PREFIX + key);
    } catch {
      // As above.
    }
  }
}

/** This browser's storage; null where there is none. */
export function browserStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
