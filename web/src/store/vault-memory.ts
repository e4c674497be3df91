/** What outlives a change of account but not the page: where the browser's database is not to be had. */

import { isKept, isShelved, type Kept, type KeptFile, type Shelved } from './kept';
import type { Id } from './types';
import type { Vault } from './vault';
import type { KeptView } from './view';

export class MemoryVault implements Vault {
  readonly #kept = new Map<string, Kept | Shelved>();
  readonly #files = new Map<string, readonly KeptFile[]>();
  readonly #views = new Map<Id, KeptView>();
  readonly #isSafe: boolean;

  /** `isSafe`: whether it says that what it keeps outlives the page. */
  constructor(isSafe = false) {
    this.#isSafe = isSafe;
  }

  async kept(user: Id): Promise<readonly Kept[]> {
    return [...this.#kept.values()].filter(isKept).filter((one) => one.user === user);
  }

  async shelved(user: Id): Promise<readonly Shelved[]> {
    return [...this.#kept.values()].filter(isShelved).filter((one) => one.user === user);
  }

  async keep(one: Kept | Shelved, files: readonly KeptFile[] = []): Promise<boolean> {
    this.#kept.set(nameOf(one.user, one.key), one);
    if (files.length > 0) this.#files.set(nameOf(one.user, one.key), files);
    return this.#isSafe;
  }

  async drop(user: Id, key: string): Promise<void> {
    this.#kept.delete(nameOf(user, key));
    this.#files.delete(nameOf(user, key));
  }

  async files(user: Id, key: string): Promise<readonly KeptFile[]> {
    return this.#files.get(nameOf(user, key)) ?? [];
  }

  async view(user: Id): Promise<KeptView | null> {
    return this.#views.get(user) ?? null;
  }

  async keepView(view: KeptView): Promise<void> {
    this.#views.set(view.user, view);
  }

  async dropViews(): Promise<void> {
    this.#views.clear();
  }

  async forget(user: Id): Promise<void> {
    const all = [...(await this.kept(user)), ...(await this.shelved(user))];
    for (const { key } of all) await this.drop(user, key);
    this.#views.delete(user);
  }
}

function nameOf(user: Id, key: string): string {
  return `${user} ${key}`;
}
