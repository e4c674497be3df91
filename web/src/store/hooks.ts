/** What components see of the store. Each selector returns what is in there, so nothing is drawn twice. */

import { createContext, type RefObject, useContext, useEffect, useMemo } from 'react';
import { useStore } from 'zustand';
import type { Counts, Limits, Mine, Notice, Relation } from '../wire/protocol';
import type { Speed } from '../wire/speed';
import type { Actions, Slot } from './api';
import { slotNow } from './drafts';
import { shown } from './noticed';
import { countsShown, hiddenShown, mineShown, personShown, relationShown } from './overlays';
import type { Realtime } from './realtime';
import { foldName } from './text';
import type {
  Account,
  Begun,
  Connection,
  Draft,
  Id,
  Lookup,
  Notices,
  OutboxState,
  People,
  PeopleKey,
  Person,
  Picture,
  PostItem,
  State,
  Thread,
  Timeline,
  TimelineKey,
} from './types';

/** `<RealtimeContext value={createRealtime(…)}>` around the whole app. */
export const RealtimeContext = createContext<Realtime | null>(null);

function useRealtime(): Realtime {
  const realtime = useContext(RealtimeContext);
  if (realtime === null) throw new Error('Put <RealtimeContext value={…}> around the app.');
  return realtime;
}

function useState_<T>(selector: (state: State) => T): T {
  return useStore(useRealtime().store, selector);
}

/** Every verb; the same object for ever. */
export function useActions(): Actions {
  return useRealtime().actions;
}

export function useConnection(): Connection {
  return useState_((state) => state.connection);
}

export function useAccount(): Account {
  return useState_((state) => state.account);
}

/** Whoever is signed in, with the profile change that is on its way; undefined for a visitor. */
export function useMe(): Person | undefined {
  const id = useState_((state) => state.account.user_id);
  return useUser(id);
}

/** Whether I am signed in and follow nobody, as far as is known. */
export function useIsAlone(): boolean {
  return useState_(({ account, nouns }) => {
    const me = account.user_id === null ? undefined : nouns.people.get(account.user_id);
    if (me?.about?.following !== 0) return false;
    for (const relation of nouns.relations.values()) if (relation.following) return false;
    return true;
  });
}

export function useLimits(): Limits {
  return useState_((state) => state.limits);
}

/** The list, loaded and kept live while the component is there. Null opens nothing. */
export function useTimeline(key: TimelineKey | null): Timeline | undefined {
  const actions = useActions();
  useEffect(() => {
    if (key === null) return;
    actions.openTimeline(key);
    return () => actions.closeTimeline(key);
  }, [actions, key]);
  return useState_((state) => (key === null ? undefined : state.timelines.get(key)));
}

/** A post in its conversation, live while the component is there. */
export function useThread(postId: Id): Thread | undefined {
  const actions = useActions();
  useEffect(() => {
    actions.openThread(postId);
    return () => actions.closeThread(postId);
  }, [actions, postId]);
  return useState_((state) => state.threads.get(postId));
}

/** All threads that are here; these are live while the component is there. */
export function useThreads(postIds: readonly Id[]): ReadonlyMap<Id, Thread> {
  const actions = useActions();
  const key = postIds.join(' ');
  useEffect(() => {
    const ids = key === '' ? [] : key.split(' ');
    for (const id of ids) actions.openThread(id);
    return () => {
      for (const id of ids) actions.closeThread(id);
    };
  }, [actions, key]);
  return useState_((state) => state.threads);
}

export function usePeople(key: PeopleKey): People | undefined {
  const actions = useActions();
  useEffect(() => actions.openPeople(key), [actions, key]);
  return useState_((state) => state.people.get(key));
}

/** How many notices wait to be read. */
export function useUnread(): number {
  return useState_((state) => state.notices.unread);
}

/** What was done to me, newest first, live while the component is there; and how the list stands. */
export function useNotices(): { readonly rows: readonly Notice[]; readonly list: Notices } {
  const actions = useActions();
  useEffect(() => actions.openNotices(), [actions]);
  const nouns = useState_((state) => state.nouns);
  const list = useState_((state) => state.notices);
  const { notices } = nouns;
  // biome-ignore lint/correctness/useExhaustiveDependencies: of all nouns only notices matter here.
  const rows = useMemo(() => shown(nouns, list), [notices, list]);
  return { rows, list };
}

/** Look a profile up by name; then `useUser(lookup.user_id)`. */
export function useProfile(name: string): Lookup | undefined {
  const actions = useActions();
  useEffect(() => {
    actions.openProfile(name);
    return () => actions.closeProfile(name);
  }, [actions, name]);
  const folded = foldName(name);
  return useState_((state) => state.lookups.get(folded));
}

/** A post; while its deletion is on its way, its tombstone. */
export function usePost(id: Id | null | undefined): PostItem | undefined {
  const post = useState_((state) => (id ? state.nouns.posts.get(id) : undefined));
  const removed = useState_(
    (state) => (id ? state.overlays.posts.get(id)?.removed : undefined) ?? false,
  );
  return useMemo(
    () => (post && removed ? { ...post, text: '', media: [], deleted: true } : post),
    [post, removed],
  );
}

/** The numbers, with what I just did. */
export function useCounts(id: Id): Counts | undefined {
  const counts = useState_((state) => state.nouns.counts.get(id));
  const mine = useState_((state) => state.nouns.mine.get(id));
  const overlay = useState_((state) => state.overlays.posts.get(id));
  return useMemo(() => countsShown(id, counts, mine, overlay), [id, counts, mine, overlay]);
}

/** My reactions and retweet, with what I just did. */
export function useMine(id: Id): Mine | undefined {
  const mine = useState_((state) => state.nouns.mine.get(id));
  const overlay = useState_((state) => state.overlays.posts.get(id));
  return useMemo(() => mineShown(id, mine, overlay), [id, mine, overlay]);
}

/** A person by id, or by name (with or without @); ids and names never look alike to this: pass `@007`. */
export function useUser(idOrName: string | null | undefined): Person | undefined {
  const person = useState_((state) => find(state, idOrName));
  const isMe = useState_((state) => person !== undefined && state.account.user_id === person.id);
  const change = useState_((state) => (isMe ? state.overlays.profile?.change : undefined));
  return useMemo(() => personShown(person, change), [person, change]);
}

function find(state: State, idOrName: string | null | undefined): Person | undefined {
  if (!idOrName) return undefined;
  if (idOrName.startsWith('@')) {
    const id = state.nouns.names.get(foldName(idOrName.slice(1)));
    return id === undefined ? undefined : state.nouns.people.get(id);
  }
  const byId = state.nouns.people.get(idOrName);
  if (byId !== undefined) return byId;
  const id = state.nouns.names.get(foldName(idOrName));
  return id === undefined ? undefined : state.nouns.people.get(id);
}

/** How I stand to this person, with what I just did; undefined for oneself, a visitor, or not yet known. */
export function useRelation(userId: Id): Relation | undefined {
  const actions = useActions();
  const me = useState_((state) => state.account.user_id);
  const relation = useState_((state) => state.nouns.relations.get(userId));
  const isKnown = relation !== undefined;
  useEffect(() => {
    if (me !== null && !isKnown) actions.openRelation(userId);
  }, [actions, me, userId, isKnown]);
  const overlay = useState_((state) => state.overlays.relations.get(userId));
  return useMemo(() => relationShown(userId, relation, overlay), [userId, relation, overlay]);
}

/** Whether I block or mute this person, as far as is known here, with what I just did. */
export function useHidden(userId: Id | null | undefined): boolean {
  return useState_((state) => hiddenShown(userId, state.nouns, state.overlays));
}

/** What is on its way, newest first. */
export function useDrafts(): readonly Draft[] {
  return useState_((state) => state.drafts);
}

/** One that is on its way, by its key. */
export function useDraft(key: string | null | undefined): Draft | undefined {
  return useState_((state) => (key ? state.drafts.find((d) => d.key === key) : undefined));
}

/** Where a composer writes that was opened at `slot`: what it answers may be sent by now. */
export function useSlotNow(slot: Slot): Slot {
  return useState_((state) => slotNow(slot, state.posted));
}

/** What another window of mine has just begun to write. */
export function useBegun(): Begun | null {
  return useState_((state) => state.begun);
}

/** How keeping what is unsent goes. */
export function useOutbox(): OutboxState {
  return useState_((state) => state.outbox);
}

const NO_PICTURES: readonly Picture[] = [];

/** The pictures in this slot's composer. */
export function usePictures(slot: Slot): readonly Picture[] {
  return useState_((state) => state.pictures.get(slot) ?? NO_PICTURES);
}

/** Keeps the post's numbers live while the element is on screen. */
export function useOnScreen(postId: Id, element: RefObject<Element | null>): void {
  const { screen } = useRealtime();
  useEffect(() => {
    const node = element.current;
    return node === null ? undefined : screen.observe(node, postId);
  }, [screen, postId, element]);
}

/** What this page knows of how quickly things come; not kept up to date by itself. */
export function useSpeed(): Speed {
  return useRealtime().session.speed;
}
