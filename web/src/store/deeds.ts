/** What one does to posts and people: shown at once, and taken back when refused. */

import { asRefusal, type Refusal } from '../wire/refusal';
import type { Outcome } from './api';
import { ask, type Core, change, get } from './core';
import { put } from './nouns';
import {
  lay,
  layFollow,
  layProfile,
  lift,
  liftFollow,
  liftProfile,
  type PostDeed,
} from './overlays';
import type { Id, Overlays, ProfileChange } from './types';

export class Deeds {
  readonly #core: Core;
  readonly #followed: (userId: Id) => void;
  #token = 0;

  constructor(core: Core, followed: (userId: Id) => void) {
    this.#core = core;
    this.#followed = followed;
  }

  react(postId: Id, emoji: string, on: boolean): Outcome {
    const v = this.#v(postId);
    return this.#stance(postId, { what: 'react', emoji, on, v }, () =>
      ask(this.#core, 'react.set', { post_id: postId, emoji, on }),
    );
  }

  retweet(postId: Id, on: boolean): Outcome {
    const v = this.#v(postId);
    return this.#stance(postId, { what: 'retweet', on, v }, () =>
      ask(this.#core, 'retweet.set', { post_id: postId, on }),
    );
  }

  remove(postId: Id): Outcome {
    const token = this.#lay((overlays, t) => lay(overlays, postId, { what: 'remove' }, t));
    return this.#done(
      async () => {
        const answer = await ask(this.#core, 'post.delete', { post_id: postId });
        const me = get(this.#core).account.user_id;
        if (answer !== null) this.#core.tell(`author:${me}`, answer.post);
      },
      (overlays) => lift(overlays, postId, token),
    );
  }

  follow(userId: Id, on: boolean): Outcome {
    const token = this.#lay((overlays, t) => layFollow(overlays, userId, on, t));
    return this.#done(
      async () => {
        const answer = await ask(this.#core, 'follow.set', { user_id: userId, on });
        if (answer === null) return;
        this.#core.tell(`me:${get(this.#core).account.user_id}`, answer.relation);
        this.#followed(userId);
      },
      (overlays) => liftFollow(overlays, userId, token),
    );
  }

  updateProfile(asked: ProfileChange): Outcome {
    const token = this.#lay((overlays, t) => layProfile(overlays, asked, t));
    const { avatar, ...words } = asked;
    const picture = avatar === undefined ? {} : { avatar: avatar === null ? null : avatar.id };
    return this.#done(
      async () => {
        const answer = await ask(this.#core, 'profile.update', { ...words, ...picture });
        if (answer !== null) this.#core.tell('me', answer.user);
      },
      (overlays) => liftProfile(overlays, token),
    );
  }

  #v(postId: Id): number {
    return get(this.#core).nouns.counts.get(postId)?.v ?? 0;
  }

  #stance(
    postId: Id,
    deed: PostDeed,
    send: () => Promise<{
      counts: Parameters<typeof put>[1];
      mine: Parameters<typeof put>[1];
    } | null>,
  ): Outcome {
    const token = this.#lay((overlays, t) => lay(overlays, postId, deed, t));
    return this.#done(
      async () => {
        const answer = await send();
        if (answer === null) return;
        change(this.#core, (state) => ({
          ...state,
          nouns: put(state.nouns, answer.counts, answer.mine),
          overlays: lift(state.overlays, postId, token),
        }));
      },
      (overlays) => lift(overlays, postId, token),
    );
  }

  #lay(turn: (overlays: Overlays, token: number) => Overlays): number {
    this.#token += 1;
    const token = this.#token;
    change(this.#core, (state) => ({ ...state, overlays: turn(state.overlays, token) }));
    return token;
  }

  /** The overlay goes either way: the answer has been applied, or nothing has changed. */
  async #done(
    deed: () => Promise<void>,
    dropped: (overlays: Overlays) => Overlays,
  ): Promise<Refusal | null> {
    let refusal: Refusal | null = null;
    try {
      await deed();
    } catch (thrown) {
      refusal = asRefusal(thrown);
    }
    change(this.#core, (state) => ({ ...state, overlays: dropped(state.overlays) }));
    return refusal;
  }
}
