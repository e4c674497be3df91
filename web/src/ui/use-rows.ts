/** Which rows of a long list are drawn, and where; what is being read keeps its place on the screen. */

import { useLayoutEffect, useMemo, useReducer, useRef, useState } from 'react';
import { attention } from './finger';
import { type Range, rangeAt, readingAt, startsOf } from './row-places';
import { here, isSettling, placeOf, type Reading, settle } from './scroll-memory';
import { useSlots } from './use-slots';

interface Asked<T> {
  rows: readonly T[];
  keyOf: (row: T) => string;
  guess: (row: T) => number;
  /** This row keeps its place until the reader moves, even at the top of the page. */
  held: string | null;
  /** No further row will come at the end. */
  ended: boolean;
}

/** So close to the top, what is new may push down what is there. */
const TOP_PX = 8;

interface Now<T> extends Asked<T> {
  starts: readonly number[];
}

export function useRows<T>(asked: Asked<T>) {
  const { rows, keyOf, guess } = asked;
  const list = useRef<HTMLDivElement>(null);
  const [page] = useState(here);
  const heights = placeOf(page).heights;
  const [measured, remeasure] = useReducer((n: number) => n + 1, 0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `measured` says that `heights` holds other numbers.
  const starts = useMemo(
    () => startsOf(rows.map((row) => heights.get(keyOf(row)) ?? guess(row))),
    [rows, keyOf, guess, heights, measured],
  );
  const [range, setRange] = useState<Range>(() => rangeAt(starts, placeOf(page).y, 0));
  const reading = useRef<readonly Reading[]>([]);
  /** Where the window stood when that was read; null: never yet in this drawing. */
  const readAt = useRef<number | null>(null);
  const hasBegun = useRef(false);
  const now = useRef<Now<T>>({ ...asked, starts });
  now.current = { ...asked, starts };

  const look = useRef((found: readonly Reading[] | null = null) => {
    const y = window.scrollY - topOf(list.current);
    if (!isSettling()) {
      reading.current = found ?? readNow(list.current, now.current, y);
      readAt.current = window.scrollY;
      placeOf(page).reading = reading.current;
    }
    const next = rangeAt(now.current.starts, y, window.innerHeight);
    setRange((last) => (last.first === next.first && last.end === next.end ? last : next));
  });

  const slots = useSlots(heights, remeasure);

  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever rows stand elsewhere.
  useLayoutEffect(() => {
    if (slots.measure()) return remeasure();
    const top = topOf(list.current);
    const found = settle((key) => placeIn(now.current, key, top), asked.ended);
    if (found === null && !isSettling() && !hasBegun.current) begin(now.current, top);
    else if (found === null && !isSettling() && (window.scrollY > TOP_PX || asked.held !== null))
      hold(reading.current, now.current, top + goneSince(readAt.current));
    hasBegun.current = true;
    look.current(found);
  }, [starts, range]);

  useLayoutEffect(() => {
    const scrolled = () => look.current();
    window.addEventListener('scroll', scrolled, { passive: true });
    window.addEventListener('resize', scrolled);
    return () => {
      window.removeEventListener('scroll', scrolled);
      window.removeEventListener('resize', scrolled);
    };
  }, []);

  return { list, starts, range, slot: slots.slot };
}

function topOf(element: Element | null): number {
  return element ? element.getBoundingClientRect().top + window.scrollY : 0;
}

function readNow<T>(
  list: Element | null,
  { rows, keyOf, starts, held }: Now<T>,
  y: number,
): readonly Reading[] {
  const finger = list === null ? null : attention(list, list.getBoundingClientRect());
  const read = readingAt(rows, keyOf, starts, y, window.innerHeight, finger);
  const index = held === null ? -1 : rows.findIndex((row) => keyOf(row) === held);
  const at = (starts[index] ?? 0) - y;
  const isInSight = index >= 0 && at >= 0 && at < window.innerHeight;
  return held !== null && isInSight ? [{ key: held, at }, ...read] : read;
}

/** How far below the top of the page a row begins; null: it is not here. */
function placeIn<T>({ rows, keyOf, starts }: Now<T>, key: string, top: number): number | null {
  const index = rows.findIndex((row) => keyOf(row) === key);
  return index < 0 ? null : (starts[index] ?? 0) + top;
}

/** A page that nobody has seen yet begins with the row that it is about, whatever stands above it. */
function begin<T>(now: Now<T>, top: number): void {
  if (now.held === null || window.scrollY > 0) return;
  window.scrollTo(0, (placeIn(now, now.held, top) ?? top) - top);
}

/**
 * How far the reader has gone since the window stood at `y`. Rows may be drawn anew before the scrolling is told: it
 * must not be taken back. What the end of a shorter page took is not the reader's doing.
 */
function goneSince(y: number | null): number {
  if (y === null) return 0;
  const gone = window.scrollY - y;
  const end = document.documentElement.scrollHeight - window.innerHeight;
  return gone < 0 && window.scrollY >= end - 1 ? 0 : gone;
}

/** Scroll by as much as what is read has moved. */
function hold<T>(held: readonly Reading[], now: Now<T>, top: number): void {
  for (const { key, at } of held) {
    const place = placeIn(now, key, top);
    if (place === null) continue;
    const moved = place - window.scrollY - at;
    if (Math.abs(moved) >= 1) window.scrollBy(0, moved);
    return;
  }
}
