/** Who is hidden, and who is seen again: what the lists must let go of, or ask for once more. */

import type { Relation } from '../wire/protocol';
import { type Core, get } from './core';
import type { Looking } from './looking';
import { isHidden } from './nouns';
import type { Reading } from './reading';
import type { Id, State } from './types';

/** Someone is hidden now, or seen again; null if nobody came or went. */
type Turn = 'hidden' | 'seen' | null;

/** My own lists of the hidden. */
const OWN = ['blocking', 'muting'] as const;

export class Hiding {
  readonly #core: Core;
  /** Of each person: whether I hid them, as last applied. */
  readonly #hid = new Map<Id, boolean>();
  /** By `seq`: relations that were the answer to a deed of this window. */
  readonly #answered = new Set<number>();
  /** People of whom was told again what was known: they hid from me, and no longer do. */
  readonly #again = new Set<Id>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Before it is applied: the answer to a deed of mine. */
  answered(relation: Relation, state: State): void {
    this.#note(relation, state);
    this.#answered.add(relation.seq);
  }

  /** Before it is applied. A resume may tell again too; asking once more than needed does no harm. */
  heard(relation: Relation, state: State): void {
    this.#note(relation, state);
    const known = state.nouns.relations.get(relation.user_id);
    // Of whom nothing is known here, another window may have taken something back; or they follow.
    const isAgain = known === undefined ? !relation.followed_by : known.seq === relation.seq;
    if (isAgain && !this.#answered.delete(relation.seq)) this.#again.add(relation.user_id);
  }

  #note({ user_id }: Relation, { nouns, people, account }: State): void {
    const isListed = OWN.some((what) =>
      people.get(`${what}:${account.user_id ?? ''}`)?.rows.some((row) => row.user_id === user_id),
    );
    if (isListed || isHidden(user_id, nouns)) this.#hid.set(user_id, true);
  }

  /** After it was applied: what shows them, or no longer may, is read again. */
  applied(now: Relation, looking: Looking, reading: Reading): void {
    const turn = this.#turn(now);
    if (turn === null) return;
    // A thread may be of theirs, or hold their words.
    looking.resume();
    if (turn === 'seen') reading.seenAgain();
    for (const what of OWN) {
      looking.renewPeople(`${what}:${get(this.#core).account.user_id ?? ''}`);
    }
  }

  #turn(now: Relation): Turn {
    const isAway = now.blocking || now.muting;
    const wasHidden = this.#hid.get(now.user_id);
    const isAgain = this.#again.delete(now.user_id);
    this.#hid.set(now.user_id, isAway);
    if (isAway) return wasHidden ? null : 'hidden';
    return wasHidden || isAgain ? 'seen' : null;
  }

  clear(): void {
    this.#hid.clear();
    this.#answered.clear();
    this.#again.clear();
  }
}
