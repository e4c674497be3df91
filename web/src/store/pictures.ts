/** Pictures of composers and drafts: checked, uploaded at once, uploaded again when described. */

import type { Limits } from '../wire/protocol';
import { asRefusal, Refusal } from '../wire/refusal';
import type { Slot } from './api';
import { type Core, change, get, withKey, withoutKey } from './core';
import { pictureAgain } from './drafts';
import { type KeptFile, type KeptPicture, LATER } from './kept';
import type { Draft, Picture, State } from './types';

interface Load {
  readonly file: Blob;
  abort: AbortController | null;
}

export class Pictures {
  readonly #core: Core;
  /** Called when an upload ended, well or not. */
  readonly #moved: (id: string) => void;
  readonly #loads = new Map<string, Load>();

  constructor(core: Core, moved: (id: string) => void) {
    this.#core = core;
    this.#moved = moved;
  }

  add(slot: Slot, files: readonly File[]): void {
    const { limits, pictures } = get(this.#core);
    const known = pictures.get(slot) ?? [];
    const news = files.slice(0, Math.max(0, limits.media - known.length)).map((file) => {
      const picture = newPicture(file, limits);
      this.#loads.set(picture.id, { file, abort: null });
      return picture;
    });
    if (news.length === 0) return;
    this.#put(slot, [...known, ...news]);
    for (const picture of news) if (picture.state === 'uploading') void this.#upload(picture.id);
  }

  describe(id: string, alt: string): void {
    const picture = find(get(this.#core), id);
    // Without the file there is no way to say more about it.
    if (picture === undefined || picture.alt === alt || !this.#loads.has(id)) return;
    this.#turn(id, (p) => ({ ...p, alt }));
    if (picture.refusal?.field !== 'file') void this.#upload(id);
  }

  retry(id: string): void {
    const picture = find(get(this.#core), id);
    const isStuck = picture?.state === 'failed' || picture?.state === 'waiting';
    if (!isStuck || picture.refusal?.field === 'file') return;
    void this.#upload(id);
  }

  /** Those of composers that only a lost connection has stopped. */
  retryAll(): void {
    for (const pictures of get(this.#core).pictures.values()) {
      for (const { id, state } of pictures) if (state === 'waiting') this.retry(id);
    }
  }

  /** Upload what this draft waits for. */
  send(draft: Draft): void {
    for (const { id, state } of draft.pictures) if (state === 'waiting') this.retry(id);
  }

  /** It is the server that needs time, not the picture that is wrong. */
  wait(draft: Draft): void {
    for (const { id, state } of draft.pictures) {
      if (state === 'failed') this.#turn(id, (p) => ({ ...p, state: 'waiting' }));
    }
  }

  /** The server has forgotten what was uploaded long ago: upload it again. */
  sendAgain(draft: Draft): boolean {
    const isThere = draft.pictures.every(({ id }) => this.#loads.has(id));
    if (isThere) for (const { id } of draft.pictures) void this.#upload(id);
    return isThere;
  }

  /** The bytes of these pictures, as far as they are here. */
  files(pictures: readonly Picture[]): KeptFile[] {
    return pictures.flatMap(({ id }) => {
      const load = this.#loads.get(id);
      return load === undefined ? [] : [{ id, file: load.file }];
    });
  }

  /** The bytes of a draft of an earlier page; a picture without them can't be sent any more. */
  adopt(draft: Draft, files: readonly KeptFile[]): void {
    for (const { id, file } of files) {
      if (this.#loads.has(id)) continue;
      this.#loads.set(id, { file, abort: null });
      const preview = URL.createObjectURL(file);
      previews.set(id, preview);
      this.#turn(id, (p) => (p.preview === '' ? { ...p, preview } : p));
    }
    for (const { id, media } of draft.pictures) {
      if (media !== null || this.#loads.has(id)) continue;
      const refusal = new Refusal('cancelled', undefined, 'media');
      this.#turn(id, (p) => ({ ...p, state: 'failed', refusal }));
    }
  }

  /** One of an earlier page stands in its composer again, if there is room. */
  restore(slot: Slot, kept: KeptPicture, { file }: KeptFile): void {
    const { limits, pictures } = get(this.#core);
    const known = pictures.get(slot) ?? [];
    if (known.length >= limits.media || known.some(({ id }) => id === kept.id)) return;
    const preview = URL.createObjectURL(file);
    previews.set(kept.id, preview);
    this.#loads.set(kept.id, { file, abort: null });
    this.#put(slot, [...known, { ...pictureAgain(kept), preview }]);
    if (this.#core.session.line.phase === 'live') this.retry(kept.id);
  }

  remove(slot: Slot, id: string): void {
    const known = get(this.#core).pictures.get(slot) ?? [];
    this.#put(
      slot,
      known.filter((picture) => picture.id !== id),
    );
    this.forget(id);
  }

  /** Hand the slot's pictures over to a draft. */
  take(slot: Slot): readonly Picture[] {
    const pictures = get(this.#core).pictures.get(slot) ?? [];
    if (pictures.length > 0) this.#put(slot, []);
    return pictures;
  }

  giveBack(slot: Slot, pictures: readonly Picture[]): void {
    if (pictures.length === 0) return;
    const { limits, pictures: slots } = get(this.#core);
    const together = [...(slots.get(slot) ?? []), ...pictures];
    this.#put(slot, together.slice(0, limits.media));
    for (const { id } of together.slice(limits.media)) this.forget(id);
  }

  /** No longer shown anywhere: stop, and let the browser have its memory back. */
  forget(id: string): void {
    const load = this.#loads.get(id);
    if (load === undefined) return;
    this.#loads.delete(id);
    load.abort?.abort();
    const preview = previews.get(id);
    if (preview !== undefined) URL.revokeObjectURL(preview);
    previews.delete(id);
  }

  forgetAll(): void {
    for (const id of [...this.#loads.keys()]) this.forget(id);
  }

  async #upload(id: string): Promise<void> {
    const load = this.#loads.get(id);
    const picture = find(get(this.#core), id);
    if (load === undefined || picture === undefined) return;
    load.abort?.abort();
    const abort = new AbortController();
    load.abort = abort;
    const start = { state: 'uploading', progress: 0, media: null, refusal: null } as const;
    this.#turn(id, (p) => ({ ...p, ...start }));
    const turn = (next: (picture: Picture) => Picture) => {
      if (load.abort === abort) this.#turn(id, next);
    };
    try {
      const onProgress = (progress: number) => turn((p) => ({ ...p, progress }));
      const options = { onProgress, signal: abort.signal };
      const { name, alt } = picture;
      const media = await this.#core.http.upload(load.file, name, alt, options);
      turn((p) => ({ ...p, state: 'ready', progress: 1, media }));
    } catch (thrown) {
      const refusal = asRefusal(thrown);
      const isAway = LATER.has(refusal.code);
      turn((p) => ({ ...p, state: isAway ? 'waiting' : 'failed', refusal }));
    }
    if (load.abort !== abort) return;
    load.abort = null;
    this.#moved(id);
  }

  #put(slot: Slot, pictures: readonly Picture[]): void {
    change(this.#core, (state) => ({
      ...state,
      pictures:
        pictures.length === 0
          ? withoutKey(state.pictures, slot)
          : withKey(state.pictures, slot, pictures),
    }));
  }

  #turn(id: string, turn: (picture: Picture) => Picture): void {
    change(this.#core, (state) => turned(state, id, turn));
  }
}

const previews = new Map<string, string>();

function newPicture(file: File, limits: Limits): Picture {
  const id = crypto.randomUUID();
  const preview = URL.createObjectURL(file);
  previews.set(id, preview);
  const refusal = whyNot(file, limits);
  return {
    id,
    name: file.name,
    preview,
    alt: '',
    state: refusal === null ? 'uploading' : 'failed',
    progress: 0,
    media: null,
    refusal,
  };
}

/** What the server would refuse anyhow. A file without a type is left for it to judge. */
function whyNot(file: File, limits: Limits): Refusal | null {
  if (file.type !== '' && !limits.media_types.includes(file.type)) {
    return new Refusal('invalid', '', 'file');
  }
  if (file.size > limits.media_bytes) {
    return new Refusal('too_long', '', 'file');
  }
  return null;
}

function* all(state: State): Generator<Picture> {
  for (const pictures of state.pictures.values()) yield* pictures;
  for (const draft of state.drafts) yield* draft.pictures;
}

function find(state: State, id: string): Picture | undefined {
  for (const picture of all(state)) if (picture.id === id) return picture;
  return undefined;
}

/** A picture may be in a composer, or in a draft by now. */
function turned(state: State, id: string, turn: (picture: Picture) => Picture): State {
  const one = (picture: Picture) => (picture.id === id ? turn(picture) : picture);
  const holds = (pictures: readonly Picture[]) => pictures.some((picture) => picture.id === id);
  const slots = [...state.pictures].map(
    ([slot, pictures]) => [slot, holds(pictures) ? pictures.map(one) : pictures] as const,
  );
  return {
    ...state,
    pictures: new Map(slots),
    drafts: state.drafts.map((draft) =>
      holds(draft.pictures) ? { ...draft, pictures: draft.pictures.map(one) } : draft,
    ),
  };
}
