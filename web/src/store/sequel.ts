/** What follows from what was shown, and needs to be asked for. */

import type { Relation } from '../wire/protocol';
import type { Heard } from './apply';
import { type Core, get } from './core';
import { Hiding } from './hiding';
import type { Looking } from './looking';
import type { Reading } from './reading';
import type { Id } from './types';
import type { Writing } from './writing';

interface Parts {
  readonly looking: Looking;
  readonly reading: Reading;
  readonly writing: Writing;
}

export class Sequel {
  readonly #core: Core;
  readonly #parts: Parts;
  readonly #hiding: Hiding;
  /** Of each person: whether home was last made to hold theirs. */
  readonly #heard = new Map<Id, boolean>();

  constructor(core: Core, parts: Parts) {
    this.#core = core;
    this.#parts = parts;
    this.#hiding = new Hiding(core);
  }

  /** Call before a relation is applied. `isAnswer`: to a deed of this browser. */
  before(relation: Relation, isAnswer: boolean): void {
    if (isAnswer) this.#hiding.answered(relation, get(this.#core));
    else this.#hiding.heard(relation, get(this.#core));
  }

  shown(heard: readonly Heard[]): void {
    const { session } = this.#core;
    for (const { topic, noun } of heard) {
      if (topic.startsWith('author:')) session.speed.shown(noun, Date.now());
      if (noun.kind === 'relation') this.#related(noun.user_id);
      else if (noun.kind === 'draft') this.#parts.writing.sharing.heard(noun);
      else if (noun.kind === 'retweet' && noun.deleted) void this.#undone(noun.post.id);
    }
  }

  /** What is known of relations is no longer so. */
  clear(): void {
    this.#heard.clear();
    this.#hiding.clear();
  }

  /** Home takes in, or lets go of, whom one follows. */
  #related(userId: Id): void {
    const { looking, reading } = this.#parts;
    const now = get(this.#core).nouns.relations.get(userId);
    if (now !== undefined) this.#hiding.applied(now, looking, reading);
    const isHeard = now?.following === true && !now.blocking && !now.muting;
    if (this.#heard.get(userId) === isHeard) return;
    this.#heard.set(userId, isHeard);
    if (isHeard) void reading.followed(userId);
  }

  /** No page said whether home holds this post without the retweet that is gone now. */
  async #undone(postId: Id): Promise<void> {
    const { looking, reading } = this.#parts;
    const { nouns, account } = get(this.#core);
    const author = nouns.posts.get(postId)?.author_id;
    if (account.state !== 'in' || author === undefined || author === account.user_id) return;
    if (nouns.relations.has(author)) return;
    await looking.lookAgain(author);
    if (get(this.#core).nouns.relations.get(author)?.following === true) reading.restored(postId);
  }
}
