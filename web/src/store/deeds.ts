/** What one does to posts and people: shown at once, kept until it is answered, taken back when refused. */

import type { Noun } from '../wire/protocol';
import { asRefusal, type Refusal } from '../wire/refusal';
import type { Result } from '../wire/session';
import type { Outcome } from './api';
import { type Core, change, get } from './core';
import {
  type Deed,
  inOrder,
  joinedDeed,
  type Kept,
  type KeptDeed,
  sendAgainAt,
  stanceOf,
} from './kept';
import type { Outbox, Ward } from './outbox';
import { overlaysOf } from './overlays';
import type { Id, ProfileChange } from './types';

type Type = Deed['type'];

export class Deeds implements Ward {
  readonly #core: Core;
  readonly #outbox: () => Outbox;
  readonly #followed: (userId: Id) => void;
  /** By stance: only the last one counts. */
  readonly #kept = new Map<string, KeptDeed>();
  /** Stances that were sent and not answered. */
  readonly #sent = new Set<string>();
  /** Those of this page who want to know, by token. */
  readonly #askers = new Map<string, (refusal: Refusal | null) => void>();

  constructor(core: Core, outbox: () => Outbox, followed: (userId: Id) => void) {
    this.#core = core;
    this.#outbox = outbox;
    this.#followed = followed;
  }

  react(postId: Id, emoji: string, on: boolean): Outcome {
    const v = get(this.#core).nouns.counts.get(postId)?.v ?? 0;
    return this.#do({ type: 'react.set', fields: { post_id: postId, emoji, on } }, v);
  }

  retweet(postId: Id, on: boolean): Outcome {
    const v = get(this.#core).nouns.counts.get(postId)?.v ?? 0;
    return this.#do({ type: 'retweet.set', fields: { post_id: postId, on } }, v);
  }

  remove(postId: Id): Outcome {
    return this.#do({ type: 'post.delete', fields: { post_id: postId } });
  }

  follow(userId: Id, on: boolean): Outcome {
    return this.#do({ type: 'follow.set', fields: { user_id: userId, on } });
  }

  block(userId: Id, on: boolean): Outcome {
    return this.#do({ type: 'block.set', fields: { user_id: userId, on } });
  }

  mute(userId: Id, on: boolean): Outcome {
    return this.#do({ type: 'mute.set', fields: { user_id: userId, on } });
  }

  updateProfile(shown: ProfileChange): Outcome {
    const { avatar, ...words } = shown;
    const picture = avatar === undefined ? {} : { avatar: avatar === null ? null : avatar.id };
    return this.#do({ type: 'profile.update', fields: { ...words, ...picture }, shown });
  }

  /** How many are not answered for. */
  get count(): number {
    return this.#kept.size;
  }

  /** Another account looks at this now: whoever still waits is told nothing. */
  leave(): void {
    for (const settle of this.#askers.values()) settle(null);
    this.#askers.clear();
    this.#kept.clear();
    this.#sent.clear();
  }

  // --- as the outbox sees it ---

  take(kept: Kept): void {
    if (kept.what !== 'deed') return;
    const known = this.#kept.get(kept.key);
    if (known !== undefined && known.at > kept.at) return;
    if (known?.token === kept.token && known.version >= kept.version) return;
    if (known !== undefined && known.token !== kept.token) this.#settle(known.token, null);
    this.#kept.set(kept.key, kept);
    this.#show();
  }

  gone(key: string, token: string): void {
    if (this.#kept.get(key)?.token !== token) return;
    this.#kept.delete(key);
    this.#settle(token, null);
    this.#show();
  }

  isBusy(): boolean {
    return this.#sent.size > 0;
  }

  due(): number | null {
    const waiting = [...this.#kept.values()].filter(({ key }) => !this.#sent.has(key));
    return waiting.length === 0 ? null : Math.min(...waiting.map(({ notBefore }) => notBefore));
  }

  pump(): void {
    const { now } = this.#outbox();
    for (const one of inOrder(this.#kept.values())) {
      if (!this.#sent.has(one.key) && one.notBefore <= now) void this.#send(one);
    }
  }

  // --- doing ---

  #do(deed: Deed, v = 0): Outcome {
    const user = get(this.#core).account.user_id;
    if (user === null) return this.#once(deed);
    const key = stanceOf(deed);
    const before = this.#kept.get(key);
    const token = crypto.randomUUID();
    const kept: KeptDeed = {
      what: 'deed',
      user,
      key,
      at: this.#outbox().place(),
      version: 1,
      notBefore: 0,
      token,
      deed: joinedDeed(before?.deed, deed),
      v,
    };
    const outcome = new Promise<Refusal | null>((settle) => this.#askers.set(token, settle));
    this.#kept.set(key, kept);
    // What was not sent yet never will be: the last stance counts.
    if (before !== undefined && !this.#sent.has(key)) this.#settle(before.token, null);
    this.#show();
    this.#outbox().keep(kept);
    this.#outbox().wake();
    return outcome;
  }

  /** A visitor's: the server says why not. */
  async #once(deed: Deed): Outcome {
    try {
      await this.#ask(deed);
      return null;
    } catch (thrown) {
      return asRefusal(thrown);
    }
  }

  #ask(deed: Deed): Promise<Result<Type>> {
    const { type, fields } = deed;
    return this.#core.session.send(type, fields, { again: false });
  }

  async #send(kept: KeptDeed): Promise<void> {
    const { generation } = this.#core;
    this.#sent.add(kept.key);
    try {
      const result = await this.#ask(kept.deed);
      if (generation !== this.#core.generation) return;
      this.#sent.delete(kept.key);
      this.#core.flush();
      this.#answered(kept, nounsOf(result));
    } catch (thrown) {
      if (generation !== this.#core.generation) return;
      this.#sent.delete(kept.key);
      this.#refused(kept, asRefusal(thrown));
    }
    this.#outbox().wake();
  }

  #answered(kept: KeptDeed, nouns: readonly Noun[]): void {
    this.#core.tell(`author:${kept.user}`, ...nouns);
    this.#end(kept, nouns);
    this.#settle(kept.token, null);
    if (kept.deed.type === 'follow.set') this.#followed(kept.deed.fields.user_id);
  }

  #refused(kept: KeptDeed, refusal: Refusal): void {
    const notBefore = sendAgainAt(refusal, this.#outbox().moment);
    if (notBefore === null) {
      this.#end(kept, []);
      // Whoever did it on an earlier page, or in another window, is told by the page.
      if (!this.#settle(kept.token, refusal)) {
        change(this.#core, (state) => ({
          ...state,
          outbox: { ...state.outbox, refused: refusal },
        }));
      }
    } else if (notBefore > 0 && this.#kept.get(kept.key)?.token === kept.token) {
      const later = { ...kept, notBefore, version: kept.version + 1 };
      this.#kept.set(kept.key, later);
      this.#outbox().keep(later);
    }
  }

  /** Done with, unless a later one has taken its place. */
  #end(kept: KeptDeed, nouns: readonly Noun[]): void {
    if (this.#kept.get(kept.key)?.token !== kept.token) return;
    this.#kept.delete(kept.key);
    this.#outbox().drop(kept.user, kept.key, kept.token, nouns);
    this.#show();
  }

  /** Whether there was somebody to be told. */
  #settle(token: string, refusal: Refusal | null): boolean {
    const settle = this.#askers.get(token);
    this.#askers.delete(token);
    settle?.(refusal);
    return settle !== undefined;
  }

  #show(): void {
    const overlays = overlaysOf(inOrder(this.#kept.values()));
    change(this.#core, (state) => ({ ...state, overlays }));
  }
}

/** All that an answer says is so now. */
function nounsOf(result: Result<Type>): Noun[] {
  if ('counts' in result) return [result.counts, result.mine];
  if ('post' in result) return [result.post];
  return 'relation' in result ? [result.relation] : [result.user];
}
