/** Puts the store, the wire and the verbs together; made once for a page. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import { createHttp, type Http } from '../wire/http';
import type { Noun, User, Welcome } from '../wire/protocol';
import { Refusal } from '../wire/refusal';
import {
  type Clock,
  openSocket,
  type Page,
  realClock,
  realPage,
  Session,
  type Socket,
} from '../wire/session';
import type { Actions } from './api';
import { applied, type Heard } from './apply';
import { type Core, change, forAccount, get, putNouns, START_STATE } from './core';
import { Deeds } from './deeds';
import { Inbox, nextFrame, type Schedule } from './inbox';
import { browserStorage, Keep } from './keep';
import { Looking } from './looking';
import { Edit } from './nouns';
import { Reading } from './reading';
import type { Account, Connection, Id, State } from './types';
import { Screen, Watch } from './watch';
import { Writing } from './writing';

export interface Realtime {
  readonly store: StoreApi<State>;
  readonly actions: Actions;
  readonly screen: Screen;
  readonly session: Session;
  /** Let go of the socket and of all listeners. */
  stop(): void;
}

/** What is outside; tests bring their own. */
export interface Outside {
  readonly open: () => Socket;
  readonly http: Http;
  readonly clock: Clock;
  readonly page: Page;
  readonly storage: Storage | null;
  readonly schedule: Schedule;
}

/** For this page: connects at once, and stays so. */
export function createRealtime(): Realtime {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return buildRealtime({
    open: () => openSocket(`${scheme}://${location.host}/ws`),
    http: createHttp(),
    clock: realClock(),
    page: realPage(),
    storage: browserStorage(),
    schedule: nextFrame,
  });
}

export function buildRealtime(outside: Outside): Realtime {
  return new Whole(outside);
}

class Whole implements Realtime, Core {
  readonly store = createStore<State>(() => START_STATE);
  readonly http: Http;
  readonly keep: Keep;
  readonly session: Session;
  readonly screen: Screen;
  readonly actions: Actions;
  generation = 0;
  readonly #inbox: Inbox;
  readonly #reading: Reading;
  readonly #looking: Looking;
  readonly #writing: Writing;
  readonly #watch: Watch;
  /** Of each person: whether home was last made to hold theirs. */
  readonly #heard = new Map<Id, boolean>();
  #isLeaving = false;
  /** The view is of an earlier session of the same account: what came since was told to nobody. */
  #isStale = false;
  readonly #stopListening: () => void;

  constructor(outside: Outside) {
    this.http = outside.http;
    this.keep = new Keep(outside.storage);
    this.#writing = new Writing(this);
    this.#inbox = new Inbox(
      (turn) => change(this, turn),
      outside.schedule,
      (post) => this.#writing.isHeld(post),
      (heard) => this.#afterwards(heard),
    );
    this.#watch = new Watch({
      isLive: () => this.session.line.phase === 'live',
      send: (post_ids, explore) =>
        this.session.send(
          'watch.set',
          { post_ids: [...post_ids], ...(explore ? { explore } : {}) },
          // What was asked for while away is read once it is heard: nothing falls between.
          { again: false, ahead: true },
        ),
      watched: ({ counts, mine, posts }) => {
        this.flush();
        this.tell('watch', ...counts, ...mine, ...posts);
      },
      after: (ms, call) => outside.clock.after(ms, call),
      inside: (id) => {
        const quoted = get(this).nouns.posts.get(id)?.quoted_id ?? null;
        return quoted === null ? [] : [quoted];
      },
    });
    this.#reading = new Reading(this, (on) => this.#watch.explore(on));
    this.#looking = new Looking(this, (id, on) => this.#watch.thread(id, on));
    const deeds = new Deeds(this, (userId) => void this.#looking.lookAgain(userId));
    this.screen = new Screen((id, visible) => this.#watch.seen(id, visible));
    this.session = new Session(
      outside.open,
      {
        welcome: (welcome, gap) => this.#welcome(welcome, gap),
        event: (topic, noun) => this.#inbox.add(topic, noun),
        changed: () => this.#changed(),
      },
      outside.clock,
      outside.page,
    );
    this.actions = this.#verbs(deeds);
    this.#stopListening = this.keep.onSigned(() => this.#renew());
    this.session.start();
  }

  stop(): void {
    this.#stopListening();
    this.session.stop();
  }

  flush(): void {
    this.#inbox.flush();
  }

  tell(topic: string, ...nouns: readonly Noun[]): void {
    const heard = nouns.map((noun) => ({ topic, noun }));
    change(this, (state) => applied(state, heard));
    this.#afterwards(heard);
  }

  // --- what the session says ---

  #welcome(welcome: Welcome, gap: boolean): void {
    this.flush();
    const { user, limits } = welcome;
    const { account } = get(this);
    const isSame = account.state !== 'unknown' && account.user_id === (user?.id ?? null);
    if (!isSame) this.#adopt(user);
    change(this, (state) => ({
      ...state,
      limits,
      account: { ...state.account, state: user === null ? 'out' : 'in' },
    }));
    if (user !== null) putNouns(this, user);
    const isMissing = gap || (isSame && this.#isStale);
    this.#isStale = false;
    if (isMissing) this.#forgetRelations();
    this.#watch.most = limits.watch;
    this.#watch.renew();
    this.#reading.resume(isMissing);
    if (account.state !== 'unknown') this.#looking.resume();
    this.#writing.resume();
  }

  /** Somebody else looks at this now, or nobody; or it is known at last who does. */
  #adopt(user: User | null): void {
    const isFirst = get(this).account.state === 'unknown';
    const account: Account =
      user === null ? { state: 'out', user_id: null } : { state: 'in', user_id: user.id };
    if (isFirst) change(this, (state) => ({ ...state, account }));
    else this.#leave(account);
    if (user === null) return;
    putNouns(this, user);
    this.#writing.restore();
  }

  /** Nothing that was heard, asked or written for one account may reach the next. */
  #leave(account: Account): void {
    this.generation += 1;
    this.session.forget();
    this.#inbox.clear();
    this.#writing.leave();
    this.#heard.clear();
    this.#watch.clear();
    this.#isStale = false;
    change(this, (state) => forAccount(state, account));
  }

  #forgetRelations(): void {
    this.#heard.clear();
    change(this, (state) => {
      const edit = new Edit(state.nouns);
      edit.forgetRelations();
      return { ...state, nouns: edit.nouns };
    });
  }

  #changed(): void {
    const { line, retryInSeconds } = this.session;
    const before = get(this).connection;
    const connection: Connection = {
      state: line.phase === 'live' ? 'live' : line.phase === 'connecting' ? 'connecting' : 'off',
      retryInSeconds,
      stopped: line.phase === 'stopped',
      reason: line.reason,
      wasLive: before.wasLive || line.wasLive,
    };
    const isSame =
      before.state === connection.state &&
      before.retryInSeconds === connection.retryInSeconds &&
      before.stopped === connection.stopped &&
      before.reason === connection.reason &&
      before.wasLive === connection.wasLive;
    if (!isSame) change(this, (state) => ({ ...state, connection }));
    if (line.phase === 'ended' && !this.#isLeaving) this.#ended();
    this.#writing.connectionChanged();
  }

  #ended(): void {
    const { account } = get(this);
    if (account.state !== 'in' && account.state !== 'unknown') return;
    this.#isStale = true;
    change(this, (state) => ({ ...state, account: { ...account, state: 'ended' } }));
  }

  /** What follows from what was shown, and needs to be asked for. */
  #afterwards(heard: readonly Heard[]): void {
    for (const { noun } of heard) {
      if (noun.kind === 'relation') this.#related(noun.user_id);
      else if (noun.kind === 'retweet' && noun.deleted) void this.#undone(noun.post.id);
    }
  }

  /** Home takes in, or lets go of, whom one follows. */
  #related(userId: Id): void {
    const now = get(this).nouns.relations.get(userId);
    const isHeard = now?.following === true && !now.blocking && !now.muting;
    if (this.#heard.get(userId) === isHeard) return;
    this.#heard.set(userId, isHeard);
    if (isHeard) void this.#reading.followed(userId);
  }

  /** No page said whether home holds this post without the retweet that is gone now. */
  async #undone(postId: Id): Promise<void> {
    const { nouns, account } = get(this);
    const author = nouns.posts.get(postId)?.author_id;
    if (account.state !== 'in' || author === undefined || author === account.user_id) return;
    if (nouns.relations.has(author)) return;
    await this.#looking.lookAgain(author);
    if (get(this).nouns.relations.get(author)?.following === true) this.#reading.restored(postId);
  }

  // --- account ---

  #renew(): void {
    this.#isStale = true;
    this.session.renew();
  }

  async #signed(asking: Promise<User>): Promise<User> {
    const user = await asking;
    const { account } = get(this);
    if (account.user_id !== user.id) this.#adopt(user);
    this.#renew();
    this.keep.signed();
    return user;
  }

  /** Once `asking` is done, nobody is signed in here. */
  async #without(asking: Promise<void>): Promise<void> {
    // The server closes the sockets of a session that ends: here that is no loss.
    this.#isLeaving = true;
    try {
      await asking;
      this.#leave({ state: 'out', user_id: null });
      this.keep.signed();
      this.#renew();
    } finally {
      this.#isLeaving = false;
      if (this.session.line.phase === 'ended') this.#ended();
    }
  }

  #reconnect(): void {
    if (this.session.line.phase === 'ended') this.#renew();
    else this.session.wake();
  }

  #verbs(deeds: Deeds): Actions {
    const { http } = this;
    const reading = this.#reading;
    const looking = this.#looking;
    const writing = this.#writing;
    return {
      signIn: (name, password) => this.#signed(http.login(name, password)),
      signUp: (name, password, shown) => this.#signed(http.register(name, password, shown)),
      signOut: () => this.#without(http.logout().catch(unlessSignedOut)),
      deleteAccount: (password) => this.#without(http.deleteAccount(password)),
      changePassword: (current, next) => http.changePassword(current, next),
      devices: () => http.sessions(),
      endDevice: (id) => http.endSession(id),
      post: (slot, text) => writing.post(slot, text),
      retryDraft: (key) => writing.retry(key),
      editDraft: (key) => writing.edit(key),
      discardDraft: (key) => writing.discard(key),
      keptText: (slot) => writing.keptText(slot),
      keepText: (slot, text) => writing.keepText(slot, text),
      addPictures: (slot, files) => writing.pictures.add(slot, files),
      describePicture: (_slot, id, alt) => writing.pictures.describe(id, alt),
      retryPicture: (_slot, id) => writing.pictures.retry(id),
      removePicture: (slot, id) => writing.pictures.remove(slot, id),
      react: (id, emoji, on) => deeds.react(id, emoji, on),
      retweet: (id, on) => deeds.retweet(id, on),
      remove: (id) => deeds.remove(id),
      follow: (id, on) => deeds.follow(id, on),
      updateProfile: (change) => deeds.updateProfile(change),
      upload: (file, alt, onProgress, signal) =>
        http.upload(file, file.name, alt, {
          ...(onProgress === undefined ? {} : { onProgress }),
          ...(signal === undefined ? {} : { signal }),
        }),
      openTimeline: (key) => reading.open(key),
      closeTimeline: (key) => reading.close(key),
      loadMore: (key) => reading.loadMore(key),
      loadGap: (key, gapId) => reading.loadGap(key, gapId),
      setAtTop: (key, atTop) => reading.setAtTop(key, atTop),
      showNew: (key) => reading.showNew(key),
      openThread: (id) => looking.openThread(id),
      closeThread: (id) => looking.closeThread(id),
      loadMoreReplies: (id) => looking.loadMoreReplies(id),
      openPeople: (key) => looking.openPeople(key),
      loadMorePeople: (key) => looking.loadMorePeople(key),
      openProfile: (name) => looking.openProfile(name),
      openRelation: (id) => looking.openRelation(id),
      seen: (id, visible) => this.#watch.seen(id, visible),
      reconnect: () => this.#reconnect(),
    };
  }
}

/** Signed out already: that is what was wanted. */
function unlessSignedOut(thrown: unknown): void {
  if (!(thrown instanceof Refusal && thrown.code === 'unauthenticated')) throw thrown;
}
