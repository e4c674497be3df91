/** Where each page of the history was scrolled to, so that going back is going back to the same line. */

import type { VirtualItem } from '@tanstack/react-virtual';

interface Place {
  y: number;
  /** How high each row was drawn. */
  heights: VirtualItem[];
}

const KEPT = 50;
const STORED = 'realtime.scroll';
const places = new Map<string, Place>();
let current = '';

function keyOf(state: unknown): string | undefined {
  const key = (state as { key?: unknown } | null)?.key;
  return typeof key === 'string' ? key : undefined;
}

/** Give this page of the history a name that survives leaving it. */
function enter(): void {
  const known = keyOf(history.state);
  current = known ?? crypto.randomUUID();
  if (!known) history.replaceState({ ...history.state, key: current }, '');
}

/** The page of the history that is shown. */
export function here(): string {
  return current;
}

export function place(key: string): Place | undefined {
  return places.get(key);
}

function put(key: string, change: Partial<Place>): void {
  const known = places.get(key) ?? { y: 0, heights: [] };
  places.delete(key);
  places.set(key, { ...known, ...change });
  if (places.size > KEPT) places.delete(places.keys().next().value ?? '');
}

/** Keep how high the rows of this page were drawn. */
export function keepHeights(key: string, heights: VirtualItem[]): void {
  if (heights.length > 0) put(key, { heights });
}

/** Scroll to where this page was left; a page that was never seen starts at its top. */
export function settle(): void {
  window.scrollTo(0, places.get(current)?.y ?? 0);
}

/** Take over from the browser, which forgets before our pages are drawn. */
export function rememberScrolling(): void {
  history.scrollRestoration = 'manual';
  enter();
  const stored = Number(sessionStorage.getItem(`${STORED}.${current}`));
  if (stored > 0) put(current, { y: stored });
  window.addEventListener('popstate', enter);
  window.addEventListener('pushState', enter);
  // A page that takes the place of another keeps its name.
  window.addEventListener('replaceState', () => {
    if (!keyOf(history.state)) history.replaceState({ ...history.state, key: current }, '');
  });
  window.addEventListener('scroll', () => put(current, { y: window.scrollY }), { passive: true });
  window.addEventListener('pagehide', () => {
    sessionStorage.setItem(`${STORED}.${current}`, String(Math.round(window.scrollY)));
  });
}
