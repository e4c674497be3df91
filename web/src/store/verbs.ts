/** What the pages may do, verb by verb: who does it. */

import type { Http } from '../wire/http';
import type { Actions } from './api';
import type { Deeds } from './deeds';
import type { Looking } from './looking';
import type { Noticing } from './notices';
import type { Reading } from './reading';
import type { Watch } from './watch';
import type { Writing } from './writing';

/** Verbs of the whole, which no part of it can do. */
export type OwnVerbs = Pick<
  Actions,
  'signIn' | 'signUp' | 'signOut' | 'deleteAccount' | 'unsent' | 'reconnect'
>;

export interface Parts {
  readonly http: Http;
  readonly reading: Reading;
  readonly looking: Looking;
  readonly writing: Writing;
  readonly deeds: Deeds;
  readonly watch: Watch;
  readonly noticing: Noticing;
}

export function verbs(own: OwnVerbs, parts: Parts): Actions {
  const { http, reading, looking, writing, deeds, watch, noticing } = parts;
  return {
    ...own,
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
    block: (id, on) => deeds.block(id, on),
    mute: (id, on) => deeds.mute(id, on),
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
    renewPeople: (key) => looking.renewPeople(key),
    openNotices: () => noticing.open(),
    loadMoreNotices: () => noticing.more(),
    readNotices: () => void noticing.read(),
    openWords: (id) => noticing.words(id),
    openProfile: (name) => looking.openProfile(name),
    closeProfile: (name) => looking.closeProfile(name),
    openRelation: (id) => looking.openRelation(id),
    seen: (id, visible) => watch.seen(id, visible),
  };
}
