/** What the pages may do: every verb there is, in one list. */

import type { Session as Device, Media, User } from '../wire/protocol';
import type { Refusal } from '../wire/refusal';
import type { Id, PeopleKey, ProfileChange, TimelineKey } from './types';

/** How an optimistic verb ended: null is done; a refusal says why not, and the view is back as it was. */
export type Outcome = Promise<Refusal | null>;

/** Which composer: `home`, `reply:<post id>` or `quote:<post id>`. Each keeps its own text. */
export type Slot = 'home' | `reply:${Id}` | `quote:${Id}`;

/** From `useActions()`: the same object for ever, so never a dependency that changes. */
export interface Actions {
  // Account. These reject with a Refusal (`field` names the input).
  signIn(name: string, password: string): Promise<User>;
  signUp(name: string, password: string, displayName?: string): Promise<User>;
  /** All that this browser keeps of this account goes; see `unsent`. */
  signOut(): Promise<void>;
  /** For good; nobody is signed in then. */
  deleteAccount(password: string): Promise<void>;
  /** How much of what was written and done here would be lost by signing out. */
  unsent(): number;
  changePassword(current: string, next: string): Promise<void>;
  /** All devices that are signed in, the latest seen first. */
  devices(): Promise<Device[]>;
  endDevice(id: string): Promise<void>;

  // Writing.
  /**
   * Post what the slot's composer holds: `text` and its pictures, which may still be uploading. The
   * draft shows at once; text and pictures of the slot are emptied. Returns the draft's key.
   */
  post(slot: Slot, text: string): string;
  retryDraft(key: string): void;
  /** Take a failed draft apart: its text and pictures go back into its slot's composer. Returns the slot. */
  editDraft(key: string): Slot | null;
  discardDraft(key: string): void;
  /** The text kept for this composer, also after a reload; "" if none. */
  keptText(slot: Slot): string;
  /** Call on each input. */
  keepText(slot: Slot, text: string): void;
  /** Check and begin to upload; a file that can't be taken shows as a failed picture. At most `limits.media`. */
  addPictures(slot: Slot, files: readonly File[]): void;
  /** The alternative text; the server takes it with the file, so a changed one uploads again. */
  describePicture(slot: Slot, id: string, alt: string): void;
  retryPicture(slot: Slot, id: string): void;
  removePicture(slot: Slot, id: string): void;

  // Deeds: shown at once, taken back if refused.
  react(postId: Id, emoji: string, on: boolean): Outcome;
  retweet(postId: Id, on: boolean): Outcome;
  remove(postId: Id): Outcome;
  follow(userId: Id, on: boolean): Outcome;
  /** Neither sees the other, and both follows end. */
  block(userId: Id, on: boolean): Outcome;
  mute(userId: Id, on: boolean): Outcome;
  updateProfile(change: ProfileChange): Outcome;
  /** For a new profile picture: upload, then `updateProfile({avatar: media})`. Rejects with a Refusal. */
  upload(
    file: File,
    alt: string,
    onProgress?: (part: number) => void,
    signal?: AbortSignal,
  ): Promise<Media>;

  // Reading. The hooks call open and close by themselves.
  openTimeline(key: TimelineKey): void;
  closeTimeline(key: TimelineKey): void;
  /** The next older page; also tries again after `failed`. Safe to call any number of times. */
  loadMore(key: TimelineKey): void;
  loadGap(key: TimelineKey, gapId: Id): void;
  /** Tell whether the reader is at the top: then what is new shows at once, else it waits. */
  setAtTop(key: TimelineKey, atTop: boolean): void;
  /** Show what waits (the pill). */
  showNew(key: TimelineKey): void;
  openThread(postId: Id): void;
  closeThread(postId: Id): void;
  loadMoreReplies(postId: Id): void;
  openPeople(key: PeopleKey): void;
  loadMorePeople(key: PeopleKey): void;
  /** The newest of a list that is shown, again; what was read below it stays in its place. */
  renewPeople(key: PeopleKey): void;
  /** Look a profile up by name (without @), and again on each call. */
  openProfile(name: string): void;
  /** It is not shown any more: no connection looks it up again. */
  closeProfile(name: string): void;
  openNotices(): void;
  loadMoreNotices(): void;
  /** All notices that are here have been seen. */
  readNotices(): void;
  /** Have the words of this post, which a notice tells of. */
  openWords(postId: Id): void;
  /** How I stand to this person, unless that is known. `useRelation` calls it. */
  openRelation(userId: Id): void;
  /** This post is on screen (or not): its counts live. `useOnScreen` calls it. */
  seen(postId: Id, visible: boolean): void;
  /** Try to connect now (the button beside “Reconnecting in 12 s”). */
  reconnect(): void;
}
