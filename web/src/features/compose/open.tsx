/** Open the composer: in place where it is in sight, else over the page. */

import type { Slot } from '../../store/api';
import { show } from '../../ui/overlay';
import { ComposeDialog } from './dialog';

interface Asked {
  replyTo?: string;
  quoteOf?: string;
}

export function openComposer({ replyTo, quoteOf }: Asked): void {
  const slot: Slot = replyTo ? `reply:${replyTo}` : quoteOf ? `quote:${quoteOf}` : 'home';
  openSlot(slot);
}

/** Go on writing where `slot` is written. */
export function openSlot(slot: Slot): void {
  const inPlace = document.querySelector<HTMLTextAreaElement>(`[data-slot="${slot}"] textarea`);
  if (inPlace && isInSight(inPlace)) inPlace.focus();
  else show((close) => <ComposeDialog slot={slot} close={close} />);
}

function isInSight(element: Element): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= document.documentElement.clientHeight;
}
