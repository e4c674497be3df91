/** What outlives the page, in this browser's database: what is unsent or begun, and the last view. */

import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { isKept, isShelved, type Kept, type KeptFile, type Shelved } from './kept';
import type { Id } from './types';
import { MemoryVault } from './vault-memory';
import { isView, type KeptView } from './view';

/** `none`: nothing can be kept here; `full`: there is no room for more. */
export type Trouble = 'none' | 'full';

export interface Vault {
  /** All that is unsent, in any order; null: it can't be told. */
  kept(user: Id): Promise<readonly Kept[] | null>;
  /** With its pictures, if they are new; true: it outlives the page now. */
  keep(one: Kept | Shelved, files?: readonly KeptFile[]): Promise<boolean>;
  /** The pictures of composers, in any order. */
  shelved(user: Id): Promise<readonly Shelved[]>;
  drop(user: Id, key: string): Promise<void>;
  files(user: Id, key: string): Promise<readonly KeptFile[]>;
  view(user: Id): Promise<KeptView | null>;
  keepView(view: KeptView): Promise<void>;
  dropViews(): Promise<void>;
  /** All of this account's. */
  forget(user: Id): Promise<void>;
}

interface Schema extends DBSchema {
  unsent: { key: [Id, string]; value: Kept | Shelved };
  files: { key: [Id, string, string]; value: Blob };
  views: { key: Id; value: KeptView };
}

const NAME = 'realtime';
const VERSION = 1;

/** Never throws: what goes wrong is told by its kind, and then nothing outlives the page. */
export class BrowserVault implements Vault {
  readonly #trouble: (trouble: Trouble) => void;
  readonly #memory = new MemoryVault();
  #opening: Promise<IDBPDatabase<Schema>> | null = null;

  constructor(trouble: (trouble: Trouble) => void) {
    this.#trouble = trouble;
  }

  kept(user: Id): Promise<readonly Kept[] | null> {
    return this.#do(
      async (db) => {
        const found: unknown[] = await db.getAll('unsent', of(user));
        return found.filter(isKept);
      },
      () => this.#memory.kept(user),
    );
  }

  shelved(user: Id): Promise<readonly Shelved[]> {
    return this.#do(
      async (db) => {
        const found: unknown[] = await db.getAll('unsent', of(user));
        return found.filter(isShelved);
      },
      () => this.#memory.shelved(user),
    );
  }

  keep(one: Kept | Shelved, files: readonly KeptFile[] = []): Promise<boolean> {
    return this.#do(
      async (db) => {
        const tx = db.transaction(['unsent', 'files'], 'readwrite', { durability: 'strict' });
        const writes = files.map(({ id, file }) =>
          tx.objectStore('files').put(file, [one.user, one.key, id]),
        );
        await Promise.all([
          tx.objectStore('unsent').put(one, [one.user, one.key]),
          ...writes,
          tx.done,
        ]);
        return true;
      },
      () => this.#memory.keep(one, files),
      () => false,
    );
  }

  drop(user: Id, key: string): Promise<void> {
    return this.#do(
      async (db) => {
        const tx = db.transaction(['unsent', 'files'], 'readwrite');
        await Promise.all([
          tx.objectStore('unsent').delete([user, key]),
          tx.objectStore('files').delete(of(user, key)),
          tx.done,
        ]);
      },
      () => this.#memory.drop(user, key),
    );
  }

  files(user: Id, key: string): Promise<readonly KeptFile[]> {
    return this.#do(
      async (db) => {
        const tx = db.transaction('files');
        const [keys, files] = await Promise.all([
          tx.store.getAllKeys(of(user, key)),
          tx.store.getAll(of(user, key)),
        ]);
        return keys.flatMap(([, , id], i) => {
          const file = files[i];
          return file === undefined ? [] : [{ id, file }];
        });
      },
      () => this.#memory.files(user, key),
    );
  }

  view(user: Id): Promise<KeptView | null> {
    return this.#do(
      async (db) => {
        const found: unknown = await db.get('views', user);
        return isView(found) && found.user === user ? found : null;
      },
      () => null,
    );
  }

  keepView(view: KeptView): Promise<void> {
    return this.#do(
      async (db) => {
        await db.put('views', view, view.user);
      },
      () => undefined,
    );
  }

  dropViews(): Promise<void> {
    return this.#do(
      (db) => db.clear('views'),
      () => undefined,
    );
  }

  forget(user: Id): Promise<void> {
    return this.#do(
      async (db) => {
        const tx = db.transaction(['unsent', 'files', 'views'], 'readwrite');
        await Promise.all([
          tx.objectStore('unsent').delete(of(user)),
          tx.objectStore('files').delete(of(user)),
          tx.objectStore('views').delete(user),
          tx.done,
        ]);
      },
      () => this.#memory.forget(user),
    );
  }

  async #do<T>(
    work: (db: IDBPDatabase<Schema>) => Promise<T>,
    without: () => T | Promise<T>,
    full = without,
  ): Promise<T> {
    try {
      this.#opening ??= this.#open();
      return await work(await this.#opening);
    } catch (thrown) {
      const isFullNow = isFull(thrown);
      this.#trouble(isFullNow ? 'full' : 'none');
      return isFullNow ? full() : without();
    }
  }

  #open(): Promise<IDBPDatabase<Schema>> {
    return openDB<Schema>(NAME, VERSION, {
      upgrade(db) {
        db.createObjectStore('unsent');
        db.createObjectStore('files');
        db.createObjectStore('views');
      },
      // A page of a later build wants to change it: let it, and open it again when it is needed.
      blocking: (_now, _next, event) => {
        (event.target as IDBDatabase).close();
        this.#opening = null;
      },
      terminated: () => {
        this.#opening = null;
      },
    });
  }
}

/** All keys that begin with these parts: an array sorts after every string. */
function of(...parts: readonly string[]): IDBKeyRange {
  return IDBKeyRange.bound([...parts], [...parts, []]);
}

function isFull(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'QuotaExceededError';
}
