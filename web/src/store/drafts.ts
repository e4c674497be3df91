/** Posts that are on their way, beside the server's own: pure changes of the list. */

import type { Media } from '../wire/protocol';
import { Refusal } from '../wire/refusal';
import type { Slot } from './api';
import type { KeptPicture, KeptPost } from './kept';
import type { Draft, Id, Picture } from './types';

export function draftOf(
  key: string,
  slot: Slot,
  text: string,
  pictures: readonly Picture[],
  at: number,
): Draft {
  const [what, id = null] = slot.split(':') as [string, string?];
  return {
    key,
    at,
    version: 1,
    notBefore: 0,
    text,
    pictures,
    reply_to: what === 'reply' ? id : null,
    quote_of: what === 'quote' ? id : null,
    created_at: new Date(at).toISOString(),
    state: 'waiting',
    refusal: null,
  };
}

export function slotOf(draft: Draft): Slot {
  if (draft.reply_to !== null) return `reply:${draft.reply_to}`;
  return draft.quote_of === null ? 'home' : `quote:${draft.quote_of}`;
}

/** The composer of a draft's answers becomes that of its post's. */
export function slotNow(slot: Slot, posted: ReadonlyMap<string, Id>): Slot {
  const id = slot.startsWith('reply:') ? posted.get(slot.slice('reply:'.length)) : undefined;
  return id === undefined ? slot : `reply:${id}`;
}

export function draftWith(
  drafts: readonly Draft[],
  key: string,
  turn: (draft: Draft) => Draft,
): readonly Draft[] {
  return drafts.map((draft) => (draft.key === key ? turn(draft) : draft));
}

export function without(drafts: readonly Draft[], key: string): readonly Draft[] {
  return drafts.filter((draft) => draft.key !== key);
}

/** `failed`: a picture was refused; `pictures`: one has still to arrive; `ready`: all are there. */
export function picturesOf(draft: Draft): 'failed' | 'pictures' | 'ready' {
  if (draft.pictures.some((picture) => picture.state === 'failed')) return 'failed';
  return draft.pictures.every((picture) => picture.state === 'ready') ? 'ready' : 'pictures';
}

/** A draft that answers another draft has to wait for that one's id. */
export function isKeyOfDraft(id: Id | null): boolean {
  return id?.includes('-') ?? false;
}

/** The newest first, as lists are. */
export function withDraft(drafts: readonly Draft[], draft: Draft): readonly Draft[] {
  return [...without(drafts, draft.key), draft].sort((a, b) => b.at - a.at);
}

/** What `post.create` is told. */
export function fields(draft: Draft) {
  const media = draft.pictures.flatMap((picture) => picture.media?.id ?? []);
  return {
    key: draft.key,
    text: draft.text,
    ...(media.length === 0 ? {} : { media }),
    ...(draft.reply_to === null ? {} : { reply_to: draft.reply_to }),
    ...(draft.quote_of === null ? {} : { quote_of: draft.quote_of }),
  };
}

export function kept(draft: Draft, user: Id): KeptPost {
  const { key, at, version, notBefore, text, reply_to, quote_of, created_at, refusal } = draft;
  return {
    what: 'post',
    user,
    key,
    at,
    version,
    notBefore,
    text,
    pictures: draft.pictures.map(({ id, name, alt, media }) => ({ id, name, alt, media })),
    reply_to,
    quote_of,
    created_at,
    refusal: refusal && { code: refusal.code, message: refusal.message, field: refusal.field },
    isFailed: draft.state === 'failed',
  };
}

const LATE = { code: 'cancelled', message: '', field: 'late' };

/** A draft of an earlier page, or of another window. `isTooOld`: nobody expects it to be sent any more. */
export function restored(kept: KeptPost, isTooOld: boolean): Draft {
  const { key, at, version, notBefore, text, reply_to, quote_of, created_at } = kept;
  const isLate = isTooOld && !kept.isFailed;
  const why = isLate ? LATE : kept.refusal;
  return {
    key,
    at,
    version,
    notBefore,
    text,
    pictures: kept.pictures.map(pictureAgain),
    reply_to,
    quote_of,
    created_at,
    state: kept.isFailed || isLate ? 'failed' : 'waiting',
    refusal: why === null ? null : new Refusal(why.code, why.message, why.field),
  };
}

/** One of an earlier page, or of another window. */
export function pictureAgain({ id, name, alt, media }: KeptPicture): Picture {
  if (media !== null) return { ...pictureOf(media), id, name };
  const none = { preview: '', media: null, refusal: null, progress: 0 };
  return { id, name, alt, ...none, state: 'waiting' };
}

export function pictureOf(media: Media): Picture {
  const smallest = media.sizes.reduce<{ url: string; width: number } | null>(
    (least, size) => (least === null || size.width < least.width ? size : least),
    null,
  );
  return {
    id: media.id,
    name: '',
    preview: smallest?.url ?? media.url,
    alt: media.alt,
    state: 'ready',
    progress: 1,
    media,
    refusal: null,
  };
}
