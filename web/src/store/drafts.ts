/** Posts that are on their way, beside the server's own: pure changes of the list. */

import type { Media } from '../wire/protocol';
import { Refusal } from '../wire/refusal';
import type { Slot } from './api';
import type { KeptDraft } from './keep';
import type { Draft, Picture } from './types';

export function draftOf(
  key: string,
  slot: Slot,
  text: string,
  pictures: readonly Picture[],
  at: string,
): Draft {
  const [what, id = null] = slot.split(':') as [string, string?];
  return {
    key,
    text,
    pictures,
    reply_to: what === 'reply' ? id : null,
    quote_of: what === 'quote' ? id : null,
    created_at: at,
    state: 'sending',
    refusal: null,
  };
}

export function slotOf(draft: Draft): Slot {
  if (draft.reply_to !== null) return `reply:${draft.reply_to}`;
  return draft.quote_of === null ? 'home' : `quote:${draft.quote_of}`;
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

/**
 * Where a draft stands by its pictures: `failed` with the first one's reason, `pictures` while one
 * is under way, null when all are there.
 */
export function heldUp(pictures: readonly Picture[]): Pick<Draft, 'state' | 'refusal'> | null {
  const lost = pictures.find((picture) => picture.state === 'failed');
  if (lost !== undefined) return { state: 'failed', refusal: lost.refusal };
  const isUnderWay = pictures.some((picture) => picture.state === 'uploading');
  return isUnderWay ? { state: 'pictures', refusal: null } : null;
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

export function kept(draft: Draft): KeptDraft {
  const media = draft.pictures.flatMap((picture) => picture.media ?? []);
  const { key, text, reply_to, quote_of, created_at, refusal, state } = draft;
  return {
    key,
    text,
    media,
    lost: draft.pictures.length - media.length,
    reply_to,
    quote_of,
    created_at,
    refusal:
      state === 'failed' && refusal !== null
        ? { code: refusal.code, message: refusal.message, field: refusal.field }
        : null,
  };
}

/** A draft of an earlier page. `tooOld` says of those that nobody expects to be sent any more. */
export function restored(kept: KeptDraft, isTooOld: boolean): Draft {
  const { key, text, reply_to, quote_of, created_at } = kept;
  const refusal = whyNot(kept, isTooOld);
  return {
    key,
    text,
    pictures: kept.media.map(pictureOf),
    reply_to,
    quote_of,
    created_at,
    state: refusal === null ? 'waiting' : 'failed',
    refusal,
  };
}

function whyNot(kept: KeptDraft, isTooOld: boolean): Refusal | null {
  if (kept.refusal !== null)
    return new Refusal(kept.refusal.code, kept.refusal.message, kept.refusal.field);
  if (kept.lost > 0) {
    return new Refusal('cancelled', '', 'media');
  }
  if (isTooOld) return new Refusal('cancelled', '', 'late');
  return null;
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
