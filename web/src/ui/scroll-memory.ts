/** Where each page of the history was scrolled to, so that going back is going back to the same line. */

/** A row that was being read, and how far below the top of the window it began, in px. */
export interface Reading {
  readonly key: string;
  readonly at: number;
}

interface Place {
  y: number;
  /** How high each row was drawn, in px. */
  heights: Map<string, number>;
  /** Of a page with rows; the best first, the others stand in for it. */
  reading: readonly Reading[];
  /** What had the focus. */
  focused: string | null;
}

/** Where a page was left. */
interface Left {
  readonly y: number;
  readonly reading: readonly Reading[];
}

const KEPT = 50;
const STORED = 'realtime.scroll';
const NEAR_PX = 2;
/** How often the end of a list is gone to in search of the row that was read. */
const SEARCHES = 24;

const places = new Map<string, Place>();
let current = '';
/** Where this page was left, until it has been reached or the reader moves by themselves. */
let wanted: Left | null = null;
let searches = 0;
let searchedTo = 0;

function keyOf(state: unknown): string | undefined {
  const key = (state as { key?: unknown } | null)?.key;
  return typeof key === 'string' ? key : undefined;
}

function want(left: Left | null): void {
  wanted = left;
  searches = 0;
  searchedTo = 0;
}

/** Give this page of the history a name that survives leaving it. */
function enter(): void {
  const known = keyOf(history.state);
  current = known ?? crypto.randomUUID();
  if (!known) history.replaceState({ ...history.state, key: current }, '');
  const { y, reading } = places.get(current) ?? { y: 0, reading: [] };
  want({ y, reading: y > 0 ? reading : [] });
}

/** The page of the history that is shown. */
export function here(): string {
  return current;
}

export function placeOf(key: string): Place {
  const known = places.get(key) ?? { y: 0, heights: new Map(), reading: [], focused: null };
  places.delete(key);
  places.set(key, known);
  if (places.size > KEPT) places.delete(places.keys().next().value ?? '');
  return known;
}

/** On the page that is shown, this has the focus. */
export function rememberFocus(name: string | null): void {
  placeOf(current).focused = name;
}

/** What had the focus when this page was left; null: nothing, or it was never here. */
export function focusedOf(): string | null {
  return placeOf(current).focused;
}

/** Whether this page was left elsewhere than it stands. */
export function isSettling(): boolean {
  return wanted !== null;
}

/** The keys of rows that are there for a moment begin with this: nobody comes back to them. */
export const PASSING = '~';

/**
 * Scroll to where this page was left, as far as it is there; a new one starts at its top. A list says where in the
 * page a row begins, null where it does not have it, and whether it has all its rows: the line that was read counts
 * for more than a number of px. Returns what to hold from then on; null: nothing was found again.
 */
export function settle(
  placeOfRow?: (key: string) => number | null,
  isWhole: boolean = false,
): readonly Reading[] | null {
  if (wanted === null) return null;
  const { reading, y } = wanted;
  if (reading.length > 0 && placeOfRow === undefined) {
    window.scrollTo(0, y);
    return null;
  }
  for (const { key, at } of reading) {
    const place = key.startsWith(PASSING) ? null : (placeOfRow?.(key) ?? null);
    if (place === null) continue;
    window.scrollTo(0, place - at);
    wanted = null;
    return reading;
  }
  if (reading.length > 0 && !isWhole && searches < SEARCHES) search();
  else {
    window.scrollTo(0, y);
    if (reading.length > 0 || Math.abs(window.scrollY - y) < NEAR_PX) wanted = null;
  }
  return null;
}

/** Go to the end of what is there: more of it comes by itself. */
function search(): void {
  const end = document.documentElement.scrollHeight;
  if (end > searchedTo) searches += 1;
  searchedTo = Math.max(end, searchedTo);
  window.scrollTo(0, end);
}

function letGo(): void {
  wanted = null;
}

function stored(): Left | null {
  try {
    return JSON.parse(sessionStorage.getItem(`${STORED}.${current}`) ?? 'null') as Left | null;
  } catch {
    return null;
  }
}

/** Take over from the browser, which forgets before our pages are drawn. */
export function rememberScrolling(): void {
  history.scrollRestoration = 'manual';
  enter();
  const left = stored();
  if (left && left.y > 0) want({ y: left.y, reading: left.reading ?? [] });
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
    const { reading } = placeOf(current);
    const at = wanted ?? { y: Math.round(window.scrollY), reading };
    sessionStorage.setItem(`${STORED}.${current}`, JSON.stringify(at));
  });
}
