/** What was done here and not yet answered for, as it outlives the page: plain data, per account. */

import type { Media } from '../wire/protocol';
import type { Fields } from '../wire/session';
import type { Slot } from './api';
import type { Id, ProfileChange } from './types';

interface KeptOne {
  readonly user: Id;
  /** A post's `key`; a deed's stance, of which only the last one counts. */
  readonly key: string;
  /** The place in the order of sending. */
  readonly at: number;
  /** Grows with each change, so that a late message of another window changes nothing. */
  readonly version: number;
  /** Not before this time, in ms: the server asked for patience. */
  readonly notBefore: number;
}

export interface KeptPicture {
  readonly id: string;
  readonly name: string;
  readonly alt: string;
  /** Null: it has still to be uploaded. */
  readonly media: Media | null;
}

export interface KeptRefusal {
  readonly code: string;
  readonly message: string;
  readonly field: string | undefined;
}

export interface KeptPost extends KeptOne {
  readonly what: 'post';
  readonly text: string;
  readonly pictures: readonly KeptPicture[];
  /** A post's id, or the key of one that is on its way itself. */
  readonly reply_to: Id | null;
  readonly quote_of: Id | null;
  readonly created_at: string;
  readonly refusal: KeptRefusal | null;
  /** It was refused for good: it waits for its writer, not for the server. */
  readonly isFailed: boolean;
}

/** What one may do that says how things shall be: doing it twice is doing it once. */
export type Deed =
  | { readonly type: 'react.set'; readonly fields: Fields<'react.set'> }
  | { readonly type: 'retweet.set'; readonly fields: Fields<'retweet.set'> }
  | { readonly type: 'post.delete'; readonly fields: Fields<'post.delete'> }
  | { readonly type: 'follow.set'; readonly fields: Fields<'follow.set'> }
  | { readonly type: 'block.set'; readonly fields: Fields<'block.set'> }
  | { readonly type: 'mute.set'; readonly fields: Fields<'mute.set'> }
  | {
      readonly type: 'profile.update';
      readonly fields: Fields<'profile.update'>;
      /** With the whole picture, to be shown meanwhile. */
      readonly shown: ProfileChange;
    };

export interface KeptDeed extends KeptOne {
  readonly what: 'deed';
  /** Differs from deed to deed, also of the same stance. */
  readonly token: string;
  readonly deed: Deed;
  /** Of the post's counts, then. */
  readonly v: number;
}

export type Kept = KeptPost | KeptDeed;

/** A picture that stands in a composer: not yet anything to be sent. */
export interface Shelved {
  readonly what: 'shelved';
  readonly user: Id;
  readonly key: string;
  readonly at: number;
  readonly slot: Slot;
  readonly bytes: number;
  readonly picture: KeptPicture;
}

/** A picture's own bytes. */
export interface KeptFile {
  readonly id: string;
  readonly file: Blob;
}

/** What a deed is about: a later one of the same stance takes its place. */
export function stanceOf(deed: Deed): string {
  switch (deed.type) {
    case 'react.set':
      return `react:${deed.fields.post_id}:${deed.fields.emoji}`;
    case 'retweet.set':
      return `retweet:${deed.fields.post_id}`;
    case 'post.delete':
      return `delete:${deed.fields.post_id}`;
    case 'follow.set':
      return `follow:${deed.fields.user_id}`;
    case 'block.set':
      return `block:${deed.fields.user_id}`;
    case 'mute.set':
      return `mute:${deed.fields.user_id}`;
    case 'profile.update':
      return 'profile';
  }
}

/** A second change of the profile says what the first one said, too. */
export function joinedDeed(before: Deed | undefined, next: Deed): Deed {
  if (before?.type !== 'profile.update' || next.type !== 'profile.update') return next;
  return {
    type: 'profile.update',
    fields: { ...before.fields, ...next.fields },
    shown: { ...before.shown, ...next.shown },
  };
}

export function inOrder<T extends { readonly at: number }>(kept: Iterable<T>): T[] {
  return [...kept].sort((a, b) => a.at - b.at);
}

/** What is read from a disk may be of another build, or of nobody's making. */
export function isKept(value: unknown): value is Kept {
  return isOf(value, 'post', 'deed');
}

export function isShelved(value: unknown): value is Shelved {
  return isOf(value, 'shelved') && typeof (value as Partial<Shelved>).picture?.id === 'string';
}

function isOf(value: unknown, ...kinds: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { user, key, at, what = '' } = value as Partial<Kept | Shelved>;
  const isOne = typeof user === 'string' && typeof key === 'string' && typeof at === 'number';
  return isOne && kinds.includes(what);
}

/** Codes that say nothing against it: it is sent again by itself, when that makes sense. */
export const LATER: ReadonlySet<string> = new Set([
  'offline',
  'ended',
  'cancelled',
  'unauthenticated',
]);
const BUSY: ReadonlySet<string> = new Set(['unavailable', 'rate_limited']);
const BUSY_S = 2;

/** Stopped for no fault of its own, over a connection that seems fine: not at once again. */
export const ODD_S = 5;

/**
 * When to send again what was refused, in ms: null is never, 0 with the next connection. `chance`
 * spreads those who were refused together.
 */
export function sendAgainAt(
  refusal: { readonly code: string; readonly retry_after: number | undefined },
  now: { readonly ms: number; readonly chance: number; readonly isLive: boolean },
): number | null {
  const after = (seconds: number) => now.ms + seconds * 1000 * (1 + now.chance / 4);
  if (refusal.code === 'offline') return 0;
  if (LATER.has(refusal.code)) return now.isLive ? after(ODD_S) : 0;
  return BUSY.has(refusal.code) ? after(refusal.retry_after ?? BUSY_S) : null;
}
