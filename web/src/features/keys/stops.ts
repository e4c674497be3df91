/** From post to post: where `j` and `k` stop, in lists and threads alike; the focus is never lost there. */

import { focusedOf, rememberFocus } from '../../ui/scroll-memory';

/** Each place to stop at carries `data-stop`, a name that survives being drawn again. */
const STOP = '[data-stop]';

/** What the keys act in: the page, or the dialog that lies over it. */
export function scopeOf(): HTMLElement | null {
  const dialogs = document.querySelectorAll<HTMLElement>('dialog[open]');
  return [...dialogs].at(-1) ?? document.getElementById('posts');
}

function stopsOf(scope: ParentNode): HTMLElement[] {
  return [...scope.querySelectorAll<HTMLElement>(STOP)];
}

/** Where the focus is, or around it. */
export function currentStop(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>(STOP) ?? null;
}

/** The room between the sticky head and the bar below, in px. */
function sight(): { top: number; bottom: number } {
  const head = document.querySelector('header.head')?.getBoundingClientRect();
  const bar = document.querySelector('nav.bar')?.getBoundingClientRect();
  const end = document.documentElement.clientHeight;
  return { top: head?.bottom ?? 0, bottom: bar && bar.height > 0 ? bar.top : end };
}

function isInSight(element: Element): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  const room = sight();
  return bottom > room.top && top < room.bottom;
}

/** The next stop from where the reader is: from the focus if it is in sight, else from the top of what is. */
export function step(by: 1 | -1): void {
  const scope = scopeOf();
  if (!scope) return;
  const stops = stopsOf(scope);
  const now = currentStop();
  const at = now && isInSight(now) ? stops.indexOf(now) : -1;
  const { top } = sight();
  const inSight = stops.find((stop) => stop.getBoundingClientRect().top >= top - 1);
  const target = at >= 0 ? stops[at + by] : (inSight ?? stops.find(isInSight));
  if (target) land(target);
  // Above the first one is what one writes in.
  else if (by < 0) window.scrollTo({ top: 0 });
}

function land(stop: HTMLElement): void {
  stop.focus({ preventScroll: true });
  const room = sight();
  const { top, bottom } = stop.getBoundingClientRect();
  if (top >= room.top && bottom <= room.bottom) return;
  const fits = bottom - top <= room.bottom - room.top;
  const isBelow = fits && bottom > room.bottom;
  window.scrollBy({ top: isBelow ? bottom - room.bottom : top - room.top, behavior: 'instant' });
  // In a dialog it is the dialog that scrolls.
  stop.scrollIntoView({ block: 'nearest' });
}

/** The stops that could stand in for the current one, nearest first. */
function standIns(stop: HTMLElement): HTMLElement[] {
  const stops = stopsOf(stop.closest('dialog, main') ?? document);
  const at = stops.indexOf(stop);
  return [...stops.slice(at + 1), ...stops.slice(0, at).reverse()];
}

/** When what has the focus goes (a deleted post), its neighbour gets it. Returns how to stop. */
export function keepFocus(): () => void {
  let stop: HTMLElement | null = null;
  let others: HTMLElement[] = [];
  const noted = () => {
    const next = currentStop();
    // From a dialog over the page the focus is to come back.
    if (!next && document.activeElement?.closest('dialog, [popover]')) return;
    stop = next;
    if (!stop) return;
    others = standIns(stop);
    if (stop.closest('main')) rememberFocus(stop.dataset['stop'] ?? null);
  };
  const changed = new MutationObserver(() => {
    if (!stop) return;
    if (stop.isConnected) {
      if (stop.contains(document.activeElement)) others = standIns(stop);
      return;
    }
    if (document.activeElement !== document.body) return;
    const name = stop.dataset['stop'];
    const again = stopsOf(document).find((each) => each.dataset['stop'] === name);
    stop = again ?? others.find((each) => each.isConnected) ?? null;
    stop?.focus({ preventScroll: true });
  });
  document.addEventListener('focusin', noted);
  changed.observe(document.body, { childList: true, subtree: true });
  return () => {
    document.removeEventListener('focusin', noted);
    changed.disconnect();
  };
}

/** Coming back to a page: to the post that was left from; true: it is there. */
export function returnToStop(): boolean {
  const name = focusedOf();
  if (name === null) return false;
  const stop = stopsOf(document).find((each) => each.dataset['stop'] === name);
  stop?.focus({ preventScroll: true });
  return stop !== undefined;
}
