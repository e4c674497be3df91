/** A store with people, posts and pictures in it, for tests and for looking at pages without a server. */

import { createStore } from 'zustand';
import type { Actions } from '../store/api';
import { NO_NOTICES } from '../store/noticed';
import type { Realtime } from '../store/realtime';
import type { Entry, Person, PostItem, Row, State, Timeline, TimelineKey } from '../store/types';
import type { Counts, Limits, Media, Mine } from '../wire/protocol';

export const limits: Limits = {
  text: 500,
  display_name: 50,
  bio: 300,
  alt: 1500,
  media: 4,
  media_bytes: 16 * 2 ** 20,
  media_types: ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'],
  pixels: 50_000_000,
  reactions: 8,
  watch: 200,
  page: 100,
  frame_bytes: 65_536,
};

/** `minutes` before now. */
export function before(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

export function person(
  id: string,
  name: string,
  shown: string,
  avatar: Media | null = null,
): Person {
  return { id, seq: 1, name, display_name: shown, avatar, deleted: false, about: null };
}

export function picture(id: string, url: string, width: number, height: number, alt = ''): Media {
  return {
    kind: 'media',
    id,
    type: 'image/webp',
    url,
    sizes: [],
    width,
    height,
    alt,
    thumbhash: '',
    animated: false,
  };
}

export function post(
  id: string,
  author: Person,
  text: string,
  more: Partial<PostItem> = {},
): PostItem {
  return {
    id,
    seq: 1,
    author_id: author.id,
    text,
    media: [],
    reply_to: null,
    parent_author_id: null,
    quote_of: null,
    quoted_id: null,
    created_at: before(2),
    deleted: false,
    ...more,
  };
}

export function counts(
  postId: string,
  reactions: Record<string, number>,
  more: Partial<Counts> = {},
): Counts {
  return {
    kind: 'counts',
    post_id: postId,
    v: 1,
    reactions,
    retweets: 0,
    replies: 0,
    quotes: 0,
    ...more,
  };
}

export function mine(postId: string, reactions: string[], retweeted = false): Mine {
  return { kind: 'mine', post_id: postId, v: 1, reactions, retweeted };
}

export function entry(postId: string, more: Partial<Entry> = {}): Entry {
  return {
    kind: 'entry',
    id: postId,
    post_id: postId,
    own: true,
    by: [],
    others: 0,
    retweets: [],
    ...more,
  };
}

export function timeline(
  key: TimelineKey,
  rows: readonly Row[],
  more: Partial<Timeline> = {},
): Timeline {
  return {
    key,
    rows,
    waiting: [],
    waitingAuthors: [],
    state: 'ready',
    refusal: null,
    ended: true,
    next: null,
    atTop: true,
    ...more,
  };
}

export function byId<T extends { readonly id: string }>(...all: T[]): ReadonlyMap<string, T> {
  return new Map(all.map((each) => [each.id, each]));
}

export function byPost<T extends { readonly post_id: string }>(
  ...all: T[]
): ReadonlyMap<string, T> {
  return new Map(all.map((each) => [each.post_id, each]));
}

/** Signed in as nobody, live, nothing loaded; `more` says what is otherwise. */
export function state(more: Partial<State> = {}): State {
  return {
    connection: { state: 'live', retryInSeconds: null, stopped: false, reason: '', wasLive: true },
    account: { state: 'out', user_id: null },
    limits,
    nouns: {
      people: new Map(),
      names: new Map(),
      posts: new Map(),
      retweets: new Map(),
      passes: new Map(),
      counts: new Map(),
      mine: new Map(),
      relations: new Map(),
      notices: new Map(),
    },
    timelines: new Map(),
    threads: new Map(),
    people: new Map(),
    lookups: new Map(),
    notices: NO_NOTICES,
    drafts: [],
    posted: new Map(),
    pictures: new Map(),
    overlays: { posts: new Map(), relations: new Map(), profile: null },
    outbox: { trouble: null, refused: null },
    begun: null,
    ...more,
  };
}

const UNDONE: Actions = {
  signIn: () => Promise.reject(new Error('no server')),
  signUp: () => Promise.reject(new Error('no server')),
  signOut: () => Promise.resolve(),
  deleteAccount: () => Promise.resolve(),
  unsent: () => 0,
  changePassword: () => Promise.resolve(),
  devices: () => Promise.resolve([]),
  endDevice: () => Promise.resolve(),
  post: () => '',
  retryDraft: () => {},
  editDraft: () => null,
  discardDraft: () => {},
  keptText: () => '',
  keepText: () => {},
  addPictures: () => {},
  describePicture: () => {},
  retryPicture: () => {},
  removePicture: () => {},
  react: () => Promise.resolve(null),
  retweet: () => Promise.resolve(null),
  remove: () => Promise.resolve(null),
  follow: () => Promise.resolve(null),
  block: () => Promise.resolve(null),
  mute: () => Promise.resolve(null),
  updateProfile: () => Promise.resolve(null),
  upload: () => Promise.reject(new Error('no server')),
  openTimeline: () => {},
  closeTimeline: () => {},
  loadMore: () => {},
  loadGap: () => {},
  setAtTop: () => {},
  showNew: () => {},
  openThread: () => {},
  closeThread: () => {},
  loadMoreReplies: () => {},
  openPeople: () => {},
  loadMorePeople: () => {},
  renewPeople: () => {},
  openProfile: () => {},
  closeProfile: () => {},
  openNotices: () => {},
  loadMoreNotices: () => {},
  readNotices: () => {},
  openWords: () => {},
  openRelation: () => {},
  seen: () => {},
  reconnect: () => {},
};

/** What `RealtimeContext` takes, around `initial`; `actions` says what is done instead of nothing. */
export function realtimeWith(initial: State, actions: Partial<Actions> = {}): Realtime {
  const seen = {
    store: createStore<State>(() => initial),
    actions: { ...UNDONE, ...actions },
    screen: { observe: () => () => {} },
  };
  // Pages see no more of it than this.
  return seen as unknown as Realtime;
}
