/** Posting: a draft shows at once, is sent until it is answered, and loses nothing on the way. */

import type { Post } from '../wire/protocol';
import { asRefusal, type Refusal } from '../wire/refusal';
import type { Slot } from './api';
import { type Core, change, get } from './core';
import { draftOf, draftWith, fields, heldUp, kept, restored, slotOf, without } from './drafts';
import { Pictures } from './pictures';
import { normal } from './text';
import type { Draft } from './types';

/** Older ones are shown instead of sent when the page comes back. */
const STILL_MEANT_MS = 24 * 3600 * 1000;

export class Writing {
  readonly #core: Core;
  readonly pictures: Pictures;
  /** Drafts that the session has, and how to take them from it. */
  readonly #sent = new Map<string, AbortController>();

  constructor(core: Core) {
    this.#core = core;
    this.pictures = new Pictures(core, () => this.send());
  }

  keptText(slot: Slot): string {
    const me = this.#me();
    return me === null ? '' : this.#core.keep.text(me, slot);
  }

  keepText(slot: Slot, text: string): void {
    const me = this.#me();
    if (me !== null) this.#core.keep.keepText(me, slot, text);
  }

  post(slot: Slot, text: string): string {
    const key = crypto.randomUUID();
    const at = new Date().toISOString();
    const draft = draftOf(key, slot, text, this.pictures.take(slot), at);
    change(this.#core, (state) => ({ ...state, drafts: [draft, ...state.drafts] }));
    this.#store(key);
    // Only now: until here the words were kept as the composer's.
    this.keepText(slot, '');
    this.send();
    return key;
  }

  retry(key: string): void {
    const draft = this.#find(key);
    if (draft?.state !== 'failed') return;
    for (const picture of draft.pictures) this.pictures.retry(picture.id);
    this.#turn(key, (d) => ({ ...d, state: 'waiting', refusal: null }));
    this.#store(key);
    this.send();
  }

  edit(key: string): Slot | null {
    const draft = this.#find(key);
    if (draft === undefined) return null;
    const slot = slotOf(draft);
    const before = this.keptText(slot);
    this.keepText(slot, before === '' ? draft.text : `${draft.text}\n\n${before}`);
    this.#forget(key);
    // A picture that can't be mended is worth nothing in the composer.
    this.pictures.giveBack(slot, draft.pictures);
    return slot;
  }

  discard(key: string): void {
    const draft = this.#find(key);
    this.#forget(key);
    for (const picture of draft?.pictures ?? []) this.pictures.forget(picture.id);
  }

  /** Send whatever may be sent, the oldest first. */
  send(): void {
    const isLive = this.#core.session.line.phase === 'live';
    for (const draft of [...get(this.#core).drafts].reverse()) {
      if (draft.state === 'failed' || this.#sent.has(draft.key)) continue;
      const held = heldUp(draft.pictures);
      if (held !== null) {
        this.#turn(draft.key, (d) => ({ ...d, ...held }));
        this.#store(draft.key);
      } else if (isLive) void this.#create(draft.key);
      else this.#turn(draft.key, (d) => ({ ...d, state: 'waiting' }));
    }
  }

  /** After each welcome of this account. */
  resume(): void {
    // A picture that only the lost connection had stopped.
    for (const { key, state, refusal } of get(this.#core).drafts) {
      if (state === 'failed' && refusal?.code === 'offline') this.retry(key);
    }
    this.pictures.retryAll();
    this.#show();
    this.send();
  }

  /** The connection came or went: those on their way say so. */
  #show(): void {
    const state = this.#core.session.line.phase === 'live' ? 'sending' : 'waiting';
    const moves = (draft: Draft) =>
      (draft.state === 'sending' || draft.state === 'waiting') && draft.state !== state;
    if (!get(this.#core).drafts.some(moves)) return;
    change(this.#core, (all) => ({
      ...all,
      drafts: all.drafts.map((draft) => (moves(draft) ? { ...draft, state } : draft)),
    }));
  }

  connectionChanged(): void {
    this.#show();
  }

  /** The drafts of an earlier page, when somebody turns out to be signed in. */
  restore(): void {
    const me = this.#me();
    if (me === null) return;
    this.#core.keep.dropOldTexts();
    const oldest = Date.now() - STILL_MEANT_MS;
    const drafts = this.#core.keep
      .drafts(me)
      .map((one) => restored(one, Date.parse(one.created_at) < oldest))
      .reverse();
    change(this.#core, (state) => ({ ...state, drafts }));
  }

  /** Another account: the words stay in the storage, under their own account's name. */
  leave(): void {
    for (const abort of this.#sent.values()) abort.abort();
    this.#sent.clear();
    this.pictures.forgetAll();
  }

  /** My own post, about to be answered for: it would stand beside its draft for a moment. */
  isHeld(post: Post): boolean {
    const { account, drafts, nouns } = get(this.#core);
    if (post.deleted || post.author.id !== account.user_id || nouns.posts.has(post.id))
      return false;
    return drafts.some((draft) => this.#sent.has(draft.key) && normal(draft.text) === post.text);
  }

  async #create(key: string): Promise<void> {
    const draft = this.#find(key);
    if (draft === undefined) return;
    const abort = new AbortController();
    this.#sent.set(key, abort);
    const { generation } = this.#core;
    this.#turn(key, (d) => ({ ...d, state: 'sending' }));
    try {
      const { signal } = abort;
      const { post } = await this.#core.session.send('post.create', fields(draft), { signal });
      if (generation !== this.#core.generation) return;
      this.#posted(key, post);
    } catch (thrown) {
      if (generation !== this.#core.generation) return;
      if (this.#sent.get(key) === abort) this.#sent.delete(key);
      this.#refused(key, asRefusal(thrown));
      this.#core.flush();
    }
  }

  #posted(key: string, post: Post): void {
    this.#sent.delete(key);
    const draft = this.#find(key);
    this.#core.tell(`author:${post.author.id}`, post);
    this.#forget(key);
    for (const picture of draft?.pictures ?? []) this.pictures.forget(picture.id);
  }

  #refused(key: string, refusal: Refusal): void {
    const isForLater =
      refusal.code === 'offline' || refusal.code === 'ended' || refusal.code === 'cancelled';
    this.#turn(key, (draft) =>
      isForLater ? { ...draft, state: 'waiting' } : { ...draft, state: 'failed', refusal },
    );
    this.#store(key);
  }

  #forget(key: string): void {
    const abort = this.#sent.get(key);
    this.#sent.delete(key);
    abort?.abort();
    const me = this.#me();
    if (me !== null) this.#core.keep.dropDraft(me, key);
    change(this.#core, (state) => ({ ...state, drafts: without(state.drafts, key) }));
    // A post that was held back because it looked like this draft's.
    this.#core.flush();
  }

  #store(key: string): void {
    const me = this.#me();
    const draft = this.#find(key);
    if (me !== null && draft !== undefined) this.#core.keep.keepDraft(me, kept(draft));
  }

  #turn(key: string, turn: (draft: Draft) => Draft): void {
    change(this.#core, (state) => ({ ...state, drafts: draftWith(state.drafts, key, turn) }));
  }

  #find(key: string): Draft | undefined {
    return get(this.#core).drafts.find((draft) => draft.key === key);
  }

  #me() {
    return get(this.#core).account.user_id;
  }
}
