/** What the store holds: each noun once, lists of ids, what is on its way, who I am. */

import type { Author, Counts, Limits, Media, Mine, Notice, Relation, User } from '../wire/protocol';
import type { Refusal } from '../wire/refusal';

export type Id = string;

/** A person. `about` is there once a whole `user` was seen, not just an author line. */
export interface Person {
  readonly id: Id;
  readonly seq: number;
  readonly name: string;
  readonly display_name: string;
  readonly avatar: Media | null;
  readonly deleted: boolean;
  readonly about: About | null;
}

/** The part of a person that only profiles show. The numbers are those of the last look. */
export interface About {
  readonly seq: number;
  readonly bio: string;
  readonly followers: number;
  readonly following: number;
  readonly posts: number;
  readonly created_at: string;
}

/**
 * A post without what has its own table: `useUser(author_id)`, `useCounts(id)`, `useMine(id)`.
 * In a list draw nothing for a `deleted` one; in a thread draw the tombstone.
 */
export interface PostItem {
  readonly id: Id;
  readonly seq: number;
  readonly author_id: Id;
  readonly text: string;
  readonly media: readonly Media[];
  readonly reply_to: Id | null;
  /** Who wrote the post that this one answers; null when it is hidden, deleted or no reply. */
  readonly parent_author_id: Id | null;
  readonly quote_of: Id | null;
  /** The quoted post to draw, `usePost(quoted_id)`; null when it is hidden, deleted or nested. */
  readonly quoted_id: Id | null;
  readonly created_at: string;
  readonly deleted: boolean;
}

export interface RetweetItem {
  readonly id: Id;
  readonly seq: number;
  readonly user_id: Id;
  readonly post_id: Id;
  readonly deleted: boolean;
}

/** Each noun once, by id; the newest wins. Never changed in place. */
export interface Nouns {
  readonly people: ReadonlyMap<Id, Person>;
  /** Folded name to id. */
  readonly names: ReadonlyMap<string, Id>;
  readonly posts: ReadonlyMap<Id, PostItem>;
  readonly retweets: ReadonlyMap<Id, RetweetItem>;
  /** `<user id>/<post id>` to the newest retweet of that post by that person. */
  readonly passes: ReadonlyMap<string, Id>;
  readonly counts: ReadonlyMap<Id, Counts>;
  readonly mine: ReadonlyMap<Id, Mine>;
  readonly relations: ReadonlyMap<Id, Relation>;
  /** Those that vanished stay, with a `count` of 0. */
  readonly notices: ReadonlyMap<Id, Notice>;
}

/** `home`, `explore`, `user:<id>` (posts and retweets), `media:<id>`, `reactions:<id>`, `search:<words>`. */
export type TimelineKey =
  | 'home'
  | 'explore'
  | `${'user' | 'media' | 'reactions'}:${Id}`
  | `search:${string}`;

/** One post in a list, whoever carried it there. `id` is stable only per position; key by `post_id`. */
export interface Entry {
  readonly kind: 'entry';
  /** What the list is ordered by: the id of the newest retweet, or of the post. */
  readonly id: Id;
  readonly post_id: Id;
  /** The post stands here for itself, not only because someone retweeted it. */
  readonly own: boolean;
  /** Who retweeted it into this list, newest first; empty when nobody did. */
  readonly by: readonly Id[];
  /** How many more did: “A, B and 3 others”. */
  readonly others: number;
  readonly retweets: readonly { readonly id: Id; readonly user_id: Id }[];
}

/** A hole in a list: something may be missing here. `actions.loadGap(key, gap.id)`. */
export interface Gap {
  readonly kind: 'gap';
  readonly id: Id;
  /** Where to go on reading; null: from the newest. */
  readonly before: string | null;
  readonly loading: boolean;
}

export type Row = Entry | Gap;

export interface Timeline {
  readonly key: TimelineKey;
  /** Newest first. */
  readonly rows: readonly Row[];
  /** Arrived while the reader was not at the top; for the pill. */
  readonly waiting: readonly Entry[];
  /** How many more wait than are kept here. */
  readonly beyond?: number;
  /** The newest authors of what waits, up to 3 user ids. */
  readonly waitingAuthors: readonly Id[];
  /**
   * `empty`: never asked; `loading`: the first page is on its way, draw skeletons;
   * `ready`; `more`: an older page is on its way; `failed`: see `refusal`, `loadMore` tries again.
   */
  readonly state: 'empty' | 'loading' | 'ready' | 'more' | 'failed';
  readonly refusal: Refusal | null;
  /** The last row is the oldest there is. */
  readonly ended: boolean;
  readonly next: string | null;
  /** Down to here pages were read; rows below are there for another reason. */
  readonly floor?: Id | null;
  readonly atTop: boolean;
}

export interface Thread {
  readonly post_id: Id;
  /** From the root down; deleted ones are drawn as tombstones. */
  readonly ancestors: readonly Id[];
  /** Oldest first. */
  readonly replies: readonly Id[];
  /** Up to this reply nothing is missing, unless it is all there is; null: no page was read. */
  readonly floor: Id | null;
  /** Replies that came by themselves while this was open. */
  readonly live: ReadonlySet<Id>;
  readonly state: 'loading' | 'ready' | 'more' | 'missing' | 'failed';
  readonly refusal: Refusal | null;
  readonly ended: boolean;
  readonly next: string | null;
  /** Where the last page began: from there on is read again after a break. Null: it was the first. */
  readonly tail: string | null;
}

/** `followers:<user id>`, `following:…`, `blocking:…`, `muting:…`, `retweets:<post id>`,
 * `reactions:<post id>` or `reactions:<post id>:<emoji>`, `search:<words>`. */
export type PeopleKey =
  | `${'followers' | 'following' | 'blocking' | 'muting' | 'retweets' | 'reactions'}:${Id}`
  | `reactions:${Id}:${string}`
  | `search:${string}`;

export interface PeopleRow {
  readonly user_id: Id;
  /** Only in `reactions:`. */
  readonly emoji: string | null;
}

export interface People {
  readonly key: PeopleKey;
  readonly rows: readonly PeopleRow[];
  readonly state: 'loading' | 'ready' | 'more' | 'missing' | 'failed';
  readonly refusal: Refusal | null;
  readonly ended: boolean;
  readonly next: string | null;
}

/** How looking for a profile stands; by folded name. */
export type Lookup =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly user_id: Id }
  | { readonly state: 'missing' }
  | { readonly state: 'failed'; readonly refusal: Refusal };

/**
 * A post that is on its way. `sending`: asked, unanswered; `waiting`: it goes by itself later, with
 * the connection, after those before it, or at `notBefore`, then `refusal` says why; `pictures`: a
 * picture is still being uploaded; `failed`: `refusal` says why, and its writer has the word.
 */
export interface Draft {
  readonly key: string;
  /** The place in the order of sending. */
  readonly at: number;
  readonly version: number;
  /** In ms; 0: at once. */
  readonly notBefore: number;
  readonly text: string;
  readonly pictures: readonly Picture[];
  /** A post's id, or the key of a draft that goes before this one. */
  readonly reply_to: Id | null;
  readonly quote_of: Id | null;
  readonly created_at: string;
  readonly state: 'sending' | 'waiting' | 'pictures' | 'failed';
  readonly refusal: Refusal | null;
}

/**
 * A picture of the composer or of a draft. `media` once uploaded; `preview` is an object URL.
 * `waiting`: it is uploaded by itself when there is a connection.
 */
export interface Picture {
  readonly id: string;
  readonly name: string;
  readonly preview: string;
  readonly alt: string;
  readonly state: 'uploading' | 'waiting' | 'ready' | 'failed';
  /** 0 to 1. */
  readonly progress: number;
  readonly media: Media | null;
  readonly refusal: Refusal | null;
}

/** What I did to a post and the server has not yet confirmed; `v` is that of the counts then. */
export interface PostOverlay {
  readonly reactions: ReadonlyMap<string, { readonly on: boolean; readonly v: number }>;
  readonly retweet: { readonly on: boolean; readonly v: number } | null;
  readonly removed: boolean;
}

/** How I stand to a person, as far as I just changed it. */
export type RelationOverlay = Partial<Pick<Relation, 'following' | 'blocking' | 'muting'>>;

export interface Overlays {
  readonly posts: ReadonlyMap<Id, PostOverlay>;
  readonly relations: ReadonlyMap<Id, RelationOverlay>;
  readonly profile: { readonly change: ProfileChange } | null;
}

/** What another window of mine has begun to write, and in which composer. */
export interface Begun {
  readonly slot: string;
  readonly text: string;
  /** It was posted or thrown away there: what stood in it. */
  readonly ended?: string;
}

/** How keeping the unsent goes; each is told to the reader once. */
export interface OutboxState {
  /** `none`: this browser keeps nothing beyond the page; `full`: it has no room for more. */
  readonly trouble: 'none' | 'full' | null;
  /** Something done on an earlier page, or in another window, was refused. */
  readonly refused: Refusal | null;
}

export interface ProfileChange {
  readonly display_name?: string;
  readonly bio?: string;
  /** A picture just uploaded, or null to take it away. */
  readonly avatar?: Media | null;
}

export interface Connection {
  readonly state: 'connecting' | 'live' | 'off';
  /** While `off`: seconds until the next try, counting down; null: not by itself (hidden, stopped). */
  readonly retryInSeconds: number | null;
  /** It will not come back by itself; `reason` says why. */
  readonly stopped: boolean;
  /** Fit to be shown, or "". */
  readonly reason: string;
  /** Was live before on this page: so “reconnecting”, not “connecting”. */
  readonly wasLive: boolean;
}

/**
 * `unknown`: asking the server (draw the shell only); `out`: a visitor; `in`; `ended`: was signed
 * in and the session ended elsewhere (ask to sign in; what was written is kept).
 */
export interface Account {
  readonly state: 'unknown' | 'out' | 'in' | 'ended';
  /** Mine while `in` or `ended`. */
  readonly user_id: Id | null;
}

/** The list of notices, whose rows are in `nouns.notices`, and how many wait to be read. */
export interface Notices {
  readonly state: 'empty' | 'loading' | 'ready' | 'more' | 'failed';
  readonly refusal: Refusal | null;
  /** Down to this notice pages were read. */
  readonly floor: Id | null;
  readonly next: string | null;
  readonly ended: boolean;
  readonly unread: number;
  /** Up to this notice all have been read; `seq` is that of the `read` that said so. */
  readonly upTo: Id;
  readonly seq: number;
}

export interface State {
  readonly connection: Connection;
  readonly account: Account;
  readonly limits: Limits;
  readonly nouns: Nouns;
  readonly timelines: ReadonlyMap<TimelineKey, Timeline>;
  readonly threads: ReadonlyMap<Id, Thread>;
  readonly people: ReadonlyMap<PeopleKey, People>;
  readonly lookups: ReadonlyMap<string, Lookup>;
  readonly notices: Notices;
  /** Newest first. */
  readonly drafts: readonly Draft[];
  /** What drafts of this page have become: their keys to the ids of their posts. */
  readonly posted: ReadonlyMap<string, Id>;
  /** Pictures of each open composer, by its slot. */
  readonly pictures: ReadonlyMap<string, readonly Picture[]>;
  readonly overlays: Overlays;
  readonly outbox: OutboxState;
  /** The last that came from another window. */
  readonly begun: Begun | null;
}

export type { Author, Counts, Limits, Media, Mine, Refusal, Relation, User };
