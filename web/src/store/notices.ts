/** What was done to me: read page by page, kept live by events, and marked as read. */

import type { Notice } from '../wire/protocol';
import { asRefusal } from '../wire/refusal';
import { ask, type Core, change, get } from './core';
import { isNewer } from './ids';
import { NO_NOTICES, shown } from './noticed';
import { Edit } from './nouns';
import type { Id, State } from './types';

/** Posts that are asked for at the same time, for their words. */
const AT_ONCE = 3;

export class Noticing {
  readonly #core: Core;
  readonly #asked = new Set<Id>();
  readonly #wanted: Id[] = [];
  #running = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  /** After each welcome. `isMissing`: what was done meanwhile is not told. */
  welcomed(unread: number, isMissing: boolean): void {
    if (isMissing) this.#again();
    this.#set({ unread });
  }

  /** From the beginning: what vanished meanwhile, or numbers of another history, would stay for ever. */
  #again(): void {
    const { state } = get(this.#core).notices;
    change(this.#core, ({ nouns, ...rest }) => ({
      ...rest,
      nouns: { ...nouns, notices: new Map() },
    }));
    this.#set(NO_NOTICES);
    if (state !== 'empty') this.more();
  }

  /** The page is open. */
  open(): void {
    const { state } = get(this.#core).notices;
    if (state === 'empty' || state === 'failed') this.more();
  }

  /** The next older page; also tries again after `failed`. Safe to call any number of times. */
  more(): void {
    const { state, next, ended, floor } = get(this.#core).notices;
    if (state === 'loading' || state === 'more' || ended) return;
    this.#set({ state: floor === null ? 'loading' : 'more', refusal: null });
    void this.#page(next);
  }

  async #page(before: string | null): Promise<void> {
    try {
      const page = await ask(this.#core, 'notice.list', before === null ? {} : { before });
      if (page === null) return;
      change(this.#core, (state) => {
        const edit = new Edit(state.nouns);
        for (const notice of page.notices) edit.put(notice);
        const floor = page.notices.at(-1)?.id ?? state.notices.floor;
        const next = page.next ?? null;
        const ended = next === null;
        // On a first visit no `read` was told yet: the notices themselves say how far.
        const upTo = newestRead(page.notices, state.notices.upTo);
        const notices = { ...state.notices, state: 'ready' as const, floor, next, ended, upTo };
        return { ...state, nouns: edit.nouns, notices };
      });
    } catch (thrown) {
      this.#set({ state: 'failed', refusal: asRefusal(thrown) });
    }
  }

  /** All that is here has been seen. */
  async read(): Promise<void> {
    const { nouns, notices } = get(this.#core);
    const newest = shown(nouns, notices)[0];
    if (newest === undefined || !isNewer(newest.id, notices.upTo) || notices.unread === 0) return;
    // Every window hears of it as `read`; a refusal leaves them unread, and the next look asks again.
    await ask(this.#core, 'notice.read', { up_to: newest.id }).catch(() => null);
  }

  /** The words of this post are shown beside a notice: have them, if they are not here. */
  words(postId: Id): void {
    if (this.#asked.has(postId) || get(this.#core).nouns.posts.has(postId)) return;
    this.#asked.add(postId);
    this.#wanted.push(postId);
    this.#next();
  }

  #next(): void {
    while (this.#running < AT_ONCE) {
      const postId = this.#wanted.shift();
      if (postId === undefined) return;
      this.#running += 1;
      void this.#fetch(postId).finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  async #fetch(postId: Id): Promise<void> {
    try {
      const found = await ask(this.#core, 'post.thread', { post_id: postId });
      if (found !== null) this.#core.tell('notice', found.post);
    } catch {
      // Without its words the notice still says what was done, and leads to the post.
    } finally {
      this.#asked.delete(postId);
    }
  }

  #set(some: Partial<State['notices']>): void {
    change(this.#core, (state) => ({ ...state, notices: { ...state.notices, ...some } }));
  }
}

function newestRead(notices: readonly Notice[], upTo: Id): Id {
  const newest = notices.find((notice) => notice.read)?.id;
  return newest !== undefined && isNewer(newest, upTo) ? newest : upTo;
}
