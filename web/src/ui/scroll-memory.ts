/** Where each page of the history was scrolled to, so that going back is going back to the same line. */

/** The row that was being read, and how far below the top of the window it began, in px. */
export interface Reading {
  readonly key: string;
  readonly at: number;
}

interface Place {
  y: number;
  /** How high each row was drawn, in px. */
  heights: Map<string, number>;
  reading: Reading | null;
}

const KEPT = 50;
const STORED = 'realtime.scroll';
const NEAR_PX = 2;

const places = new Map<string, Place>();
let current = '';
/** Where this page was left, until it has been reached or the reader moves by themselves. */
let wanted: number | null = null;

function keyOf(state: unknown): string | undefined {
  const key = (state as { key?: unknown } | null)?.key;
  return typeof key === 'string' ? key : undefined;
}

/** Give this page of the history a name that survives leaving it. */
function enter(): void {
  const known = keyOf(history.state);
  current = known ?? crypto.randomUUID();
  if (!known) history.replaceState({ ...history.state, key: current }, '');
  wanted = places.get(current)?.y ?? 0;
}

/** The page of the history that is shown. */
export function here(): string {
  return current;
}

export function placeOf(key: string): Place {
  const known = places.get(key) ?? { y: 0, heights: new Map(), reading: null };
  places.delete(key);
  places.set(key, known);
  if (places.size > KEPT) places.delete(places.keys().next().value ?? '');
  return known;
}

/** Whether this page was left elsewhere than it stands. */
export function isSettling(): boolean {
  return wanted !== null;
}

/** Scroll to where this page was left, as far as it is there; a new one starts at its top. */
export function settle(): void {
  if (wanted === null) return;
  window.scrollTo(0, wanted);
  if (Math.abs(window.scrollY - wanted) < NEAR_PX) wanted = null;
}

function letGo(): void {
  wanted = null;
}

/** Take over from the browser, which forgets before our pages are drawn. */
export function rememberScrolling(): void {
  history.scrollRestoration = 'manual';
  enter();
  const stored = Number(sessionStorage.getItem(`${STORED}.${current}`));
  if (stored > 0) wanted = stored;
  window.addEventListener('popstate', enter);
  window.addEventListener('pushState', enter);
  // A page that takes the place of another keeps its name.
  window.addEventListener('replaceState', () => {
    if (!keyOf(history.state)) history.replaceState({ ...history.state, key: current }, '');
  });
  const keep = () => {
    if (wanted === null) placeOf(current).y = window.scrollY;
  };
  window.addEventListener('scroll', keep, { passive: true });
  for (const move of ['wheel', 'touchmove', 'keydown', 'pointerdown'])
    window.addEventListener(move, letGo, { passive: true, capture: true });
  window.addEventListener('pagehide', () => {
    sessionStorage.setItem(`${STORED}.${current}`, String(Math.round(window.scrollY)));
  });
}
