/** Whether what is new may be shown at once: the reader is at the top, and no finger is on the list. */

import { useEffect } from 'react';
import { useActions } from '../../store/hooks';
import type { TimelineKey } from '../../store/types';

const TOP_PX = 40;
/** A hand that has just moved over the list may be about to press. */
const HAND_MS = 1_200;

/** Something is open over the list, or a key press would act in it. */
function isBusy(): boolean {
  const open = document.querySelector('.feed :popover-open');
  const feed = document.activeElement?.closest('[role=feed]');
  return open !== null || (feed?.matches(':has(:focus-visible)') ?? false);
}

export function useAtTop(list: TimelineKey): void {
  const actions = useActions();
  useEffect(() => {
    let handUntil = 0;
    let told: boolean | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = () => {
      const now = performance.now();
      const atTop = window.scrollY < TOP_PX && now >= handUntil && !isBusy();
      if (atTop !== told) actions.setAtTop(list, atTop);
      told = atTop;
      clearTimeout(timer);
      if (now < handUntil) timer = setTimeout(tell, handUntil - now + 10);
    };
    const hand = (event: PointerEvent) => {
      if (!(event.target as Element | null)?.closest?.('[role=feed]')) return;
      handUntil = performance.now() + HAND_MS;
      tell();
    };
    tell();
    const later = () => setTimeout(tell, 0);
    window.addEventListener('scroll', tell, { passive: true });
    window.addEventListener('pointermove', hand, { passive: true });
    window.addEventListener('pointerdown', hand, { passive: true });
    document.addEventListener('focusin', later);
    document.addEventListener('focusout', later);
    document.addEventListener('toggle', later, true);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('scroll', tell);
      window.removeEventListener('pointermove', hand);
      window.removeEventListener('pointerdown', hand);
      document.removeEventListener('focusin', later);
      document.removeEventListener('focusout', later);
      document.removeEventListener('toggle', later, true);
    };
  }, [actions, list]);
}
