/** Signing in and out here, and being signed out elsewhere: what of an account stays in this browser. */

import type { User } from '../wire/protocol';
import { Refusal } from '../wire/refusal';
import type { Album } from './album';
import { type Core, change, get } from './core';
import type { Account } from './types';
import type { OwnVerbs } from './verbs';

interface Parts {
  readonly album: Album;
  /** Show this account from here on, in place of the one before. */
  readonly adopt: (user: User) => void;
  readonly leave: (account: Account) => void;
  /** Posts and deeds without an answer, and composers that hold something. */
  readonly unsent: () => number;
}

export class Signing {
  readonly #core: Core;
  readonly #parts: Parts;
  #isLeaving = false;
  /** The view is of an earlier session of the same account: what came since was told to nobody. */
  isStale = false;

  constructor(core: Core, parts: Parts) {
    this.#core = core;
    this.#parts = parts;
  }

  /** Those that change who is signed in, or look at all of it. */
  verbs(): OwnVerbs {
    const { http } = this.#core;
    return {
      signIn: (name, password) => this.#signed(http.login(name, password)),
      signUp: (name, password, shown) => this.#signed(http.register(name, password, shown)),
      signOut: () => this.#without(http.logout().catch(unlessSignedOut)),
      deleteAccount: (password) => this.#without(http.deleteAccount(password)),
      unsent: () => this.#parts.unsent(),
      reconnect: () => this.#reconnect(),
    };
  }

  /** Connect again, as whoever is signed in by now. */
  renew(): void {
    this.isStale = true;
    this.#core.session.renew();
  }

  /** The server has ended this session. */
  ended(): void {
    const { account } = get(this.#core);
    if (this.#isLeaving || (account.state !== 'in' && account.state !== 'unknown')) return;
    this.isStale = true;
    // Whoever ended it elsewhere may have lost this device: what is unsent stays, the rest goes.
    this.#parts.album.drop();
    change(this.#core, (state) => ({ ...state, account: { ...account, state: 'ended' } }));
  }

  async #signed(asking: Promise<User>): Promise<User> {
    const user = await asking;
    const { account } = get(this.#core);
    if (account.user_id !== user.id) this.#parts.adopt(user);
    this.renew();
    this.#core.keep.signed();
    return user;
  }

  /** Once `asking` is done, nobody is signed in here. */
  async #without(asking: Promise<void>): Promise<void> {
    const { keep, session } = this.#core;
    // The server closes the sockets of a session that ends: here that is no loss.
    this.#isLeaving = true;
    const { user_id } = get(this.#core).account;
    try {
      await asking;
      if (user_id !== null) {
        keep.dropTexts(user_id);
        this.#parts.album.forget(user_id);
      }
      keep.who = null;
      this.#parts.leave({ state: 'out', user_id: null });
      keep.signed();
      this.renew();
    } finally {
      this.#isLeaving = false;
      if (session.line.phase === 'ended') this.ended();
    }
  }

  #reconnect(): void {
    const { session } = this.#core;
    if (session.line.phase === 'ended') this.renew();
    else session.wake();
  }
}

/** Signed out already: that is what was wanted. */
function unlessSignedOut(thrown: unknown): void {
  if (!(thrown instanceof Refusal && thrown.code === 'unauthenticated')) throw thrown;
}
