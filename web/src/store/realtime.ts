/** Puts the store, the wire and the verbs together; made once for a page. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import { createHttp, type Http } from '../wire/http';
import type { Noun, User, Welcome } from '../wire/protocol';
import {
  type Clock,
  openSocket,
  type Page,
  realClock,
  realPage,
  Session,
  type Socket,
} from '../wire/session';
import { Album } from './album';
import type { Actions } from './api';
import { applied } from './apply';
import { type Core, change, forAccount, get, putNouns, START_STATE } from './core';
import { Deeds } from './deeds';
import { Inbox, nextFrame, type Schedule } from './inbox';
import { browserStorage, Keep } from './keep';
import { Looking } from './looking';
import { Noticing } from './notices';
import { Edit } from './nouns';
import { Outbox } from './outbox';
import { Reading } from './reading';
import { Sequel } from './sequel';
import { Signing } from './signing';
import type { Account, Connection, Id, State } from './types';
import { BrowserVault, type Trouble, type Vault } from './vault';
import { verbs } from './verbs';
import { type KeptView, withView } from './view';
import { Screen, Watch } from './watch';
import { browserWindows, NO_WINDOWS, type Windows } from './windows';
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
  /** What outlives the page; null: nothing does. */
  readonly vault?: ((trouble: (trouble: Trouble) => void) => Vault) | null;
  readonly windows?: Windows;
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
    vault: (trouble) => new BrowserVault(trouble),
    windows: browserWindows(),
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
  readonly #noticing = new Noticing(this);
  readonly #writing: Writing;
  readonly #deeds: Deeds;
  readonly #outbox: Outbox;
  readonly #album: Album;
  readonly #watch: Watch;
  readonly #sequel: Sequel;
  readonly #signing: Signing;
  readonly #stopListening: () => void;

  constructor(outside: Outside) {
    this.http = outside.http;
    this.keep = new Keep(outside.storage);
    const vault = outside.vault?.((trouble) => this.#troubled(trouble)) ?? null;
    const { clock, windows = NO_WINDOWS } = outside;
    const box = () => this.#outbox;
    this.#writing = new Writing(this, vault, box);
    this.#deeds = new Deeds(this, box, (userId) => void this.#looking.lookAgain(userId));
    this.#outbox = new Outbox(
      this,
      { vault, windows, clock },
      { post: () => this.#writing, deed: () => this.#deeds },
    );
    this.#album = new Album(this, vault, clock);
    this.#inbox = new Inbox(
      (turn) => change(this, turn),
      outside.schedule,
      (post) => this.#writing.isHeld(post),
      (heard) => this.#sequel.shown(heard),
      () => this.#watch.ids(),
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
    this.#sequel = new Sequel(this, {
      looking: this.#looking,
      reading: this.#reading,
      writing: this.#writing,
    });
    this.#signing = new Signing(this, {
      album: this.#album,
      adopt: (user) => this.#adopt(user),
      leave: (account) => this.#leave(account),
      unsent: () => this.#deeds.count + this.#writing.count,
    });
    this.screen = new Screen((id, visible) => this.#watch.seen(id, visible));
    this.session = new Session(
      outside.open,
      {
        welcome: (welcome, gap) => this.#welcome(welcome, gap),
        event: (topic, noun) => this.#heardOf(topic, noun),
        changed: () => this.#changed(),
      },
      outside.clock,
      outside.page,
    );
    this.actions = verbs(this.#signing.verbs(), {
      http: this.http,
      reading: this.#reading,
      looking: this.#looking,
      noticing: this.#noticing,
      writing: this.#writing,
      deeds: this.#deeds,
      watch: this.#watch,
    });
    this.#stopListening = this.keep.onSigned(() => this.#signing.renew());
    this.#album.open(this.keep.who, (view) => {
      if (view !== null) this.#begin(view);
      this.session.start(view?.cursor ?? null);
    });
  }

  stop(): void {
    this.#stopListening();
    this.#album.stop();
    this.#outbox.stop();
    this.session.stop();
  }

  flush(): void {
    this.#inbox.flush();
  }

  tell(topic: string, ...nouns: readonly Noun[]): void {
    for (const noun of nouns) {
      if (noun.kind === 'relation') this.#sequel.before(noun, true);
    }
    const heard = nouns.map((noun) => ({ topic, noun }));
    change(this, (state) => applied(state, heard));
    this.#sequel.shown(heard);
  }

  #troubled(trouble: Trouble): void {
    if (get(this).outbox.trouble === trouble) return;
    change(this, (state) => ({ ...state, outbox: { ...state.outbox, trouble } }));
  }

  /** As the last page was left; the server will say whether it is still the same account. */
  #begin(view: KeptView): void {
    change(this, (state) => withView(state, view));
    this.keep.dropOldTexts();
    this.#open(view.user);
  }

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
    const isMissing = gap || (isSame && this.#signing.isStale);
    this.#signing.isStale = false;
    if (isMissing) this.#forgetRelations();
    this.#watch.most = limits.watch;
    this.#watch.renew();
    this.#reading.resume(isMissing);
    this.#noticing.welcomed(welcome.unread, isMissing);
    if (account.state !== 'unknown') this.#looking.resume();
    this.keep.who = user?.id ?? null;
    if (user === null) this.#album.drop();
    this.#writing.resume();
    this.#writing.sharing.welcomed(welcome.draft);
    this.#outbox.wake();
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
    this.keep.dropOldTexts();
    this.#open(user.id);
  }

  /** What earlier pages of this account have left. */
  #open(user: Id): void {
    void this.#outbox.open(user);
    void this.#writing.shelf.open(user);
  }

  /** Nothing that was heard, asked or written for one account may reach the next. */
  #leave(account: Account): void {
    this.generation += 1;
    this.session.forget();
    this.#inbox.clear();
    this.#outbox.close();
    this.#writing.leave();
    this.#deeds.leave();
    this.#sequel.clear();
    this.#watch.clear();
    this.#signing.isStale = false;
    change(this, (state) => forAccount(state, account));
  }

  #forgetRelations(): void {
    this.#sequel.clear();
    change(this, (state) => {
      const edit = new Edit(state.nouns);
      edit.forgetRelations();
      return { ...state, nouns: edit.nouns };
    });
  }

  #heardOf(topic: string, noun: Noun): void {
    if (noun.kind === 'relation') this.#sequel.before(noun, false);
    this.#inbox.add(topic, noun);
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
    if (line.phase === 'ended') this.#signing.ended();
    this.#writing.connectionChanged();
    this.#outbox.wake();
  }
}
