/** What a composer thinks: what is written, what is left, why it waits, when it is sent. */

import { useEffect } from 'react';
import type { Slot } from '../../store/api';
import { useAccount, useActions, useBegun, useLimits, usePictures } from '../../store/hooks';
import { excessFrom, type Measure, measure } from '../../store/text';
import type { Picture } from '../../store/types';
import { texts } from '../../texts/texts';
import { type Place, placeOf, words } from './words';

interface Asked {
  slot: Slot;
  onSent?: (() => void) | undefined;
}

export function useCompose({ slot, onSent }: Asked) {
  const actions = useActions();
  const limits = useLimits();
  const pictures = usePictures(slot);
  const account = useAccount();
  const place = placeOf(account.user_id, slot);
  const kept = words((state) => state.by[place]);
  const text = kept ?? actions.keptText(slot);
  useShared(slot, place);
  const measured = measure(text);
  const left = limits.text - measured.graphemes;
  const waits = reason(measured, left, pictures);
  const setText = (next: string) => {
    words.getState().put(place, next);
    actions.keepText(slot, next);
  };
  const send = () => {
    if (waits) return;
    actions.post(slot, text);
    words.getState().put(place, '');
    onSent?.();
  };
  const add = (files: readonly File[]) => {
    if (files.length > 0) actions.addPictures(slot, files);
  };
  return {
    text,
    setText,
    left,
    limit: limits.text,
    /** Where the excess begins. */
    excess: left < 0 ? excessFrom(text, limits.text) : text.length,
    pictures,
    most: limits.media,
    waits,
    send,
    add,
  };
}

/** Go on with what another window has begun, unless somebody is writing here. */
function useShared(slot: Slot, place: Place): void {
  const begun = useBegun();
  const actions = useActions();
  useEffect(() => {
    // What was written here since is newer.
    if (begun?.slot !== slot || actions.keptText(slot) !== begun.text) return;
    const isWriting =
      document.hasFocus() && document.activeElement?.closest(`[data-slot="${slot}"]`);
    // What grew into the words that were posted is not lost with them.
    const isPart = begun.ended?.startsWith(words.getState().by[place] ?? '') ?? false;
    if (!isWriting || isPart) words.getState().put(place, begun.text);
  }, [actions, begun, slot, place]);
}

/** Why it cannot be sent as it is; null: it can. */
function reason(measured: Measure, left: number, pictures: readonly Picture[]): string | null {
  if (pictures.some((picture) => picture.state === 'failed')) return texts.compose.waitsWrong;
  if (measured.empty && pictures.length === 0) return texts.compose.waitsEmpty;
  if (measured.forbidden) return texts.compose.waitsControl;
  if (left < 0) return texts.compose.waitsLong(-left);
  return null;
}
