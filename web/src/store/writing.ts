/** Posting: a draft shows at once, is sent in its turn until it is answered, and loses nothing on the way. */

import type { Noun, Post } from '../wire/protocol';
import { asRefusal, Refusal } from '../wire/refusal';
import type { Slot } from './api';
import { type Core, change, get, withKey } from './core';
import {
  draftOf,
  draftWith,
  fields,
  isKeyOfDraft,
  kept,
  picturesOf,
  restored,
  slotNow,
  slotOf,
  withDraft,
  without,
} from './drafts';
import { inOrder, type Kept, ODD_S, sendAgainAt } from './kept';
import type { Outbox, Ward } from './outbox';
import { Pictures } from './pictures';
import { Sharing } from './sharing';
import { Shelf } from './shelf';
import { normal } from './text';
import type { Draft } from './types';
import type { Vault } from './vault';

/** Older ones are shown instead of sent when the page comes back. */
const STILL_MEANT_MS = 24 * 3600 * 1000;

export class Writing implements Ward {
  readonly #core: Core;
  readonly #outbox: () => Outbox;
  readonly pictures: Pictures;
  readonly sharing: Sharing;
  readonly shelf: Shelf;
  /** The one draft that was sent and not answered. */
  #sent: string | null = null;
  /** Drafts whose pictures were uploaded a second time: a third would not help. */
  readonly #renewed = new Set<string>();

  constructor(core: Core, vault: Vault | null, outbox: () => Outbox) {
    this.#core = core;
    this.#outbox = outbox;
    this.pictures = new Pictures(core, (id) => this.#arrived(id));
    this.shelf = new Shelf(core, vault, outbox, this.pictures);
    this.sharing = new Sharing(core, (ms, call) => outbox().after(ms, call));
  }

  keptText(slot: Slot): string {
    const me = this.#me();
    return me === null ? '' : this.#core.keep.text(me, slot);
  }

  keepText(slot: Slot, text: string): void {
    const me = this.#me();
    if (me === null) return;
    this.#core.keep.keepText(me, slot, text);
    this.sharing.typed(slot, text);
  }

  /** How many posts are without an answer, and composers with words or pictures in them. */
  get count(): number {
    const me = this.#me();
    const { drafts, pictures } = get(this.#core);
    const wordless = [...pictures.keys()].filter((slot) => this.keptText(slot as Slot) === '');
    const texts = me === null ? 0 : this.#core.keep.texts(me);
    return drafts.length + texts + wordless.length;
  }

  post(slot: Slot, text: string): string {
    const key = crypto.randomUUID();
    const at = slotNow(slot, get(this.#core).posted);
    const draft = draftOf(key, at, text, this.pictures.take(at), this.#outbox().place());
    this.#put(draft);
    const me = this.#me();
    if (me !== null) this.#outbox().keep(kept(draft, me), this.pictures.files(draft.pictures));
    // Only now: until here the words were kept as the composer's.
    this.keepText(at, '');
    this.#judgeTarget(draft);
    this.#outbox().wake();
    this.#show();
    return key;
  }

  retry(key: string): void {
    const draft = this.#find(key);
    if (draft?.state !== 'failed') return;
    for (const picture of draft.pictures) this.pictures.retry(picture.id);
    this.#keep(key, (d) => ({ ...d, state: 'waiting', refusal: null, notBefore: 0 }));
    this.#outbox().wake();
    this.#show();
  }

  edit(key: string): Slot | null {
    const draft = this.#find(key);
    if (draft === undefined) return null;
    const slot = slotOf(draft);
    const before = this.keptText(slot);
    this.keepText(slot, before === '' ? draft.text : `${draft.text}\n\n${before}`);
    this.#forget(key);
    this.#leaveAlone(key);
    // A picture that can't be mended is worth nothing in the composer.
    this.pictures.giveBack(slot, draft.pictures);
    return slot;
  }

  discard(key: string): void {
    const draft = this.#find(key);
    this.#forget(key);
    this.#leaveAlone(key);
    for (const picture of draft?.pictures ?? []) this.pictures.forget(picture.id);
  }

  /** What it answers may have been taken back while it was written. */
  #judgeTarget({ key, reply_to }: Draft): void {
    if (reply_to !== null && isKeyOfDraft(reply_to) && this.#find(reply_to) === undefined)
      this.#refused(key, new Refusal('not_found', '', 'reply_to'));
  }

  /** What answers a draft that was taken back has nothing to answer any more. */
  #leaveAlone(key: string): void {
    for (const { key: answer, reply_to } of get(this.#core).drafts) {
      if (reply_to === key) this.#refused(answer, new Refusal('not_found', '', 'reply_to'));
    }
  }

  /** After each welcome of this account. */
  resume(): void {
    this.pictures.retryAll();
    this.#show();
  }

  connectionChanged(): void {
    this.#show();
  }

  /** Another account: the words stay in the storage, under their own account's name. */
  leave(): void {
    this.#sent = null;
    this.#renewed.clear();
    this.shelf.close();
    this.pictures.forgetAll();
    this.sharing.leave();
  }

  /** My own post, about to be answered for: it would stand beside its draft for a moment. */
  isHeld(post: Post): boolean {
    const { account, drafts, nouns } = get(this.#core);
    if (post.deleted || post.author.id !== account.user_id || nouns.posts.has(post.id))
      return false;
    return drafts.some((draft) => draft.state === 'sending' && normal(draft.text) === post.text);
  }

  // --- as the outbox sees it ---

  take(one: Kept): void {
    const known = this.#find(one.key);
    if (one.what !== 'post' || (known !== undefined && known.version >= one.version)) return;
    const draft = restored(one, one.at < Date.now() - STILL_MEANT_MS);
    // What this page knows of the pictures is more than what was kept of them.
    const shown = draft.pictures.map((picture) => {
      const here = known?.pictures.find(({ id }) => id === picture.id);
      return here === undefined || picture.media !== null ? picture : here;
    });
    this.#put({ ...draft, pictures: shown });
    this.sharing.posted(slotOf(draft), draft.text);
    if (shown.some(({ media, preview }) => media === null && preview === ''))
      void this.#load(draft);
    this.#show();
  }

  gone(key: string, _token: string, nouns: readonly Noun[]): void {
    this.shelf.gone(key);
    for (const noun of nouns) if (noun.kind === 'post') this.#became(key, noun);
    const draft = this.#find(key);
    if (draft === undefined || this.#sent === key) return;
    change(this.#core, (state) => ({ ...state, drafts: without(state.drafts, key) }));
    for (const picture of draft.pictures) this.pictures.forget(picture.id);
    this.#core.flush();
  }

  isBusy(): boolean {
    return this.#sent !== null || this.#uploads();
  }

  due(): number | null {
    const next = this.#next();
    if (next === undefined || this.#sent === next.key) return null;
    return this.#isStuck(next) ? null : next.notBefore;
  }

  /** One after the other: what was written first arrives first. */
  pump(): void {
    if (this.#sent !== null) return;
    const next = this.#next();
    if (next === undefined || next.notBefore > this.#outbox().now) return;
    const pictures = picturesOf(next);
    if (pictures === 'ready') void this.#create(next);
    else if (pictures === 'pictures') this.pictures.send(next);
    this.#show();
  }

  /** The oldest that may be sent. Of a draft whose picture was refused its writer is told first. */
  #next(): Draft | undefined {
    const drafts = inOrder(get(this.#core).drafts);
    return drafts.find((draft) => draft.state !== 'failed' && !this.#waitsForAnother(draft));
  }

  /** It answers a draft that was refused, or is no longer there. */
  #waitsForAnother({ reply_to, quote_of }: Draft): boolean {
    return isKeyOfDraft(reply_to) || isKeyOfDraft(quote_of);
  }

  #uploads(): boolean {
    const next = this.#next();
    return next?.pictures.some(({ state }) => state === 'uploading') ?? false;
  }

  /** Its pictures can't be uploaded from here. */
  #isStuck(draft: Draft): boolean {
    const missing = draft.pictures.filter(({ media }) => media === null);
    return missing.length > 0 && this.pictures.files(missing).length < missing.length;
  }

  async #load(draft: Draft): Promise<void> {
    const me = this.#me();
    if (me === null) return;
    const { generation } = this.#core;
    const files = await this.#outbox().files(me, draft.key);
    const now = this.#find(draft.key);
    if (generation !== this.#core.generation || now === undefined) return;
    this.pictures.adopt(now, files);
    this.#judge(draft.key);
    this.#outbox().wake();
  }

  /** An upload has ended. */
  #arrived(id: string): void {
    const draft = get(this.#core).drafts.find((d) => d.pictures.some((p) => p.id === id));
    if (draft === undefined) return;
    this.#judge(draft.key);
    this.#outbox().wake();
    this.#show();
  }

  /** Where a draft stands by its pictures, kept as it is now. */
  #judge(key: string): void {
    const draft = this.#find(key);
    if (draft === undefined) return;
    const lost = draft.pictures.find(({ state }) => state === 'failed');
    if (lost?.refusal != null) {
      this.#refused(key, lost.refusal);
      return;
    }
    const { ms, isLive } = this.#outbox().moment;
    const isOdd = isLive && draft.pictures.some((p) => p.state === 'waiting' && p.refusal !== null);
    this.#keep(key, (d) => (isOdd ? { ...d, notBefore: ms + ODD_S * 1000 } : d));
  }

  /** The connection came or went: those that wait say for what. */
  #show(): void {
    const { drafts, account } = get(this.#core);
    const isLive = this.#core.session.line.phase === 'live' && account.state === 'in';
    const now = this.#outbox().now;
    const next = this.#next();
    const stateOf = (draft: Draft): Draft['state'] => {
      if (draft.state === 'failed') return 'failed';
      if (!isLive || draft.notBefore > now || this.#waitsForAnother(draft)) return 'waiting';
      if (picturesOf(draft) === 'pictures') return 'pictures';
      return draft.key === next?.key ? 'sending' : 'waiting';
    };
    const shown = drafts.map((draft) => {
      const state = stateOf(draft);
      return state === draft.state ? draft : { ...draft, state };
    });
    if (shown.some((draft, i) => draft !== drafts[i]))
      change(this.#core, (state) => ({ ...state, drafts: shown }));
  }

  async #create(draft: Draft): Promise<void> {
    const { key } = draft;
    const { generation } = this.#core;
    this.#sent = key;
    this.#turn(key, (d) => ({ ...d, state: 'sending', refusal: null }));
    try {
      const { post } = await this.#core.session.send('post.create', fields(draft), {
        again: false,
      });
      if (generation !== this.#core.generation) return;
      this.#sent = null;
      this.#posted(key, post);
    } catch (thrown) {
      if (generation !== this.#core.generation) return;
      this.#sent = null;
      this.#refused(key, asRefusal(thrown));
      this.#core.flush();
    }
    this.#outbox().wake();
    this.#show();
  }

  #posted(key: string, post: Post): void {
    const draft = this.#find(key);
    // Kept before this one is dropped: whatever happens between, the answer finds its post.
    for (const { key: answer, reply_to } of get(this.#core).drafts) {
      if (reply_to === key) this.#keep(answer, (d) => ({ ...d, reply_to: post.id }));
    }
    this.#core.tell(`author:${post.author.id}`, post);
    this.#became(key, post);
    this.#forget(key, post);
    for (const picture of draft?.pictures ?? []) this.pictures.forget(picture.id);
  }

  /** Whatever was begun in answer to the draft goes on in answer to its post. */
  #became(key: string, { id }: Post): void {
    if (this.#find(key) === undefined) return;
    const before: Slot = `reply:${key}`;
    const after: Slot = `reply:${id}`;
    const text = this.keptText(before);
    change(this.#core, (state) => ({ ...state, posted: withKey(state.posted, key, id) }));
    this.pictures.giveBack(after, this.pictures.take(before));
    if (text === '') return;
    this.keepText(before, '');
    this.keepText(after, text);
  }

  #refused(key: string, refusal: Refusal): void {
    const draft = this.#find(key);
    if (draft === undefined) return;
    const isOfPictures = refusal.code === 'not_found' && refusal.field?.startsWith('media');
    if (isOfPictures && !this.#renewed.has(key) && this.pictures.sendAgain(draft)) {
      this.#renewed.add(key);
      return;
    }
    const notBefore = sendAgainAt(refusal, this.#outbox().moment);
    if (notBefore === null) this.#keep(key, (d) => ({ ...d, state: 'failed', refusal }));
    else if (notBefore > 0) {
      this.#keep(key, (d) => ({ ...d, state: 'waiting', refusal, notBefore }));
      this.pictures.wait(draft);
    }
  }

  #forget(key: string, post?: Post): void {
    const me = this.#me();
    if (me !== null) this.#outbox().drop(me, key, '', post === undefined ? [] : [post]);
    change(this.#core, (state) => ({ ...state, drafts: without(state.drafts, key) }));
    // A post that was held back because it looked like this draft's.
    this.#core.flush();
    this.#outbox().wake();
    this.#show();
  }

  /** Change it, here, on the disk and in the other windows. */
  #keep(key: string, turn: (draft: Draft) => Draft): void {
    this.#turn(key, (draft) => ({ ...turn(draft), version: draft.version + 1 }));
    const me = this.#me();
    const draft = this.#find(key);
    if (me !== null && draft !== undefined) this.#outbox().keep(kept(draft, me));
  }

  #put(draft: Draft): void {
    change(this.#core, (state) => ({ ...state, drafts: withDraft(state.drafts, draft) }));
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
