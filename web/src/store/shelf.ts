/** Pictures that stand in composers, kept for the next page until they are posted or thrown away. */

import type { Slot } from './api';
import { type Core, get } from './core';
import { inOrder, type Shelved } from './kept';
import type { Outbox } from './outbox';
import type { Pictures } from './pictures';
import type { Id, Picture } from './types';
import type { Vault } from './vault';

const MOST_BYTES = 96 * 2 ** 20;
/** A picture that nobody went on with for so long is forgotten. */
const FORGET_MS = 14 * 24 * 3600 * 1000;

export class Shelf {
  readonly #core: Core;
  readonly #vault: Vault | null;
  readonly #outbox: () => Outbox;
  readonly #pictures: Pictures;
  #user: Id | null = null;
  /** As they are on the disk, by the picture's id. */
  readonly #kept = new Map<string, Shelved>();
  #isDue = false;

  constructor(core: Core, vault: Vault | null, outbox: () => Outbox, pictures: Pictures) {
    this.#core = core;
    this.#vault = vault;
    this.#outbox = outbox;
    this.#pictures = pictures;
    if (vault === null) return;
    core.store.subscribe((state, before) => {
      if (state.pictures !== before.pictures) this.#soon();
    });
  }

  /** Put back what an earlier page of this account has left, the newest first if not all may stay. */
  async open(user: Id): Promise<void> {
    this.close();
    this.#user = user;
    for (const one of await this.#found(user)) {
      const [file] = (await this.#vault?.files(user, one.key)) ?? [];
      if (this.#user !== user) return;
      if (file === undefined) void this.#vault?.drop(user, one.key);
      else {
        this.#kept.set(one.picture.id, one);
        this.#pictures.restore(one.slot, one.picture, file);
      }
    }
  }

  /** Another account: what is kept stays kept, under its own account's name. */
  close(): void {
    this.#user = null;
    this.#kept.clear();
  }

  /** Another window has posted it, or thrown it away. */
  gone(key: string): void {
    for (const [id, one] of this.#kept) {
      if (one.key !== key) continue;
      this.#kept.delete(id);
      this.#pictures.remove(one.slot, id);
    }
  }

  async #found(user: Id): Promise<readonly Shelved[]> {
    const found = inOrder((await this.#vault?.shelved(user)) ?? []).reverse();
    const oldest = Date.now() - FORGET_MS;
    let bytes = 0;
    const stays = found.filter((one) => {
      bytes += one.bytes;
      return one.at > oldest && bytes <= MOST_BYTES;
    });
    for (const { key } of found.filter((one) => !stays.includes(one))) {
      void this.#vault?.drop(user, key);
    }
    return stays.reverse();
  }

  /** In its turn after what is done now: what leaves a composer for a draft is kept as the draft's first. */
  #soon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#compare();
    });
  }

  #compare(): void {
    const { account, pictures } = get(this.#core);
    const user = this.#user;
    if (user === null || account.user_id !== user) return;
    const there = new Set<string>();
    for (const [slot, list] of pictures) {
      for (const picture of list) {
        // One that can't be taken as it is would only have to be thrown away again.
        if (picture.refusal?.field === 'file') continue;
        there.add(picture.id);
        this.#keep(user, slot as Slot, picture);
      }
    }
    for (const [id, { key }] of this.#kept) {
      if (there.has(id)) continue;
      this.#kept.delete(id);
      this.#outbox().drop(user, key);
    }
  }

  #keep(user: Id, slot: Slot, picture: Picture): void {
    const { id, name, alt, media } = picture;
    const before = this.#kept.get(id);
    const isSame = before?.picture.alt === alt && before.picture.media === media;
    if (isSame && before.slot === slot) return;
    const files = before === undefined ? this.#pictures.files([picture]) : [];
    const bytes = before?.bytes ?? files[0]?.file.size ?? 0;
    if (before === undefined && (files.length === 0 || this.#bytes() + bytes > MOST_BYTES)) return;
    const key = `shelved ${id}`;
    const at = before?.at ?? this.#outbox().place();
    const one: Shelved = {
      what: 'shelved',
      user,
      key,
      at,
      slot,
      bytes,
      picture: { id, name, alt, media },
    };
    this.#kept.set(id, one);
    void this.#vault?.keep(one, files);
  }

  #bytes(): number {
    let bytes = 0;
    for (const one of this.#kept.values()) bytes += one.bytes;
    return bytes;
  }
}
