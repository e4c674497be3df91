/** What is heard, until it is shown: applied together, once per animation frame. */

import type { Noun, Post } from '../wire/protocol';
import { applied, type Heard, swept } from './apply';
import type { Id, State } from './types';

/** Calls once, soon: with the next frame, or by a timer where no frame comes. */
export type Schedule = (call: () => void) => void;

const MOST = 1_000;
const SWEEP_FROM = 2_000;
const HIDDEN_MS = 250;

export class Inbox {
  readonly #apply: (turn: (state: State) => State) => void;
  readonly #schedule: Schedule;
  readonly #applied: (heard: readonly Heard[]) => void;
  readonly #isHeld: (post: Post) => boolean;
  readonly #seen: () => Iterable<Id>;
  #queue: Heard[] = [];
  #held: Heard[] = [];
  #isScheduled = false;
  #sweepAt = SWEEP_FROM;

  /**
   * `isHeld`: a post that is not shown yet, because it is about to be answered for as a draft.
   * `applied` is told what was shown, afterwards. `seen`: the posts on screen, which are kept.
   */
  constructor(
    apply: (turn: (state: State) => State) => void,
    schedule: Schedule,
    isHeld: (post: Post) => boolean,
    applied: (heard: readonly Heard[]) => void,
    seen: () => Iterable<Id>,
  ) {
    this.#seen = seen;
    this.#apply = apply;
    this.#schedule = schedule;
    this.#isHeld = isHeld;
    this.#applied = applied;
  }

  add(topic: string, noun: Noun): void {
    this.#queue.push({ topic, noun });
    if (this.#queue.length >= MOST) this.flush();
    else this.#wake();
  }

  #wake(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  flush(): void {
    const all = [...this.#held, ...this.#queue];
    if (all.length === 0) return;
    this.#queue = [];
    this.#held = all.filter(({ noun }) => noun.kind === 'post' && this.#isHeld(noun));
    const due = this.#held.length === 0 ? all : all.filter((one) => !this.#held.includes(one));
    if (due.length === 0) return;
    this.#apply((state) => this.#bounded(applied(state, due)));
    this.#applied(due);
  }

  /** Nothing of what was heard for one account may reach the next. */
  clear(): void {
    this.#queue = [];
    this.#held = [];
  }

  #bounded(state: State): State {
    if (state.nouns.posts.size < this.#sweepAt) return state;
    const next = swept(state, this.#seen());
    this.#sweepAt = Math.max(SWEEP_FROM, next.nouns.posts.size * 2);
    return next;
  }
}

/** The next frame; hidden pages get none, so a timer runs beside it. */
export function nextFrame(call: () => void): void {
  let isCalled = false;
  const once = () => {
    if (isCalled) return;
    isCalled = true;
    clearTimeout(timer);
    call();
  };
  const timer = setTimeout(once, HIDDEN_MS);
  if (typeof requestAnimationFrame === 'function') requestAnimationFrame(once);
}
