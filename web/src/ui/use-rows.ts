/** Which rows of a long list are drawn, and where; what is being read keeps its place on the screen. */

import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { here, isSettling, placeOf, type Reading, settle } from './scroll-memory';

interface Asked<T> {
  rows: readonly T[];
  keyOf: (row: T) => string;
  guess: (row: T) => number;
}

interface Range {
  first: number;
  /** One past the last. */
  end: number;
}

/** Drawn beyond each edge of the window, in px. */
const BEYOND_PX = 900;
const HEAD_PX = 56;
/** So close to the top, what is new may push down what is there. */
const TOP_PX = 8;
/** How many rows below the one that is read may stand in for it, should it go. */
const STAND_INS = 6;

/** The last row that begins at or above `y`. */
export function rowAt(starts: ArrayLike<number>, y: number): number {
  let low = 0;
  let high = Math.max(0, starts.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where each row begins, and at the end how high they are together. */
export function startsOf(heights: readonly number[]): number[] {
  const starts = [0];
  for (const height of heights) starts.push((starts.at(-1) ?? 0) + height);
  return starts;
}

export function useRows<T>({ rows, keyOf, guess }: Asked<T>) {
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
  const kept = placeOf(page).reading;
  const reading = useRef<readonly Reading[]>(kept ? [kept] : []);
  /** Where the window stood when that was read; null: never yet in this drawing. */
  const readAt = useRef<number | null>(null);
  const now = useRef({ rows, keyOf, starts });
  now.current = { rows, keyOf, starts };

  const look = useRef(() => {
    const top = topOf(list.current);
    const { rows: all, keyOf: name, starts: begins } = now.current;
    if (!isSettling()) {
      reading.current = readingAt(all, name, begins, window.scrollY - top);
      readAt.current = window.scrollY;
      placeOf(page).reading = reading.current[0] ?? null;
    }
    const next = rangeAt(begins, window.scrollY - top, window.innerHeight);
    setRange((last) => (last.first === next.first && last.end === next.end ? last : next));
  });

  const slots = useSlots(heights, remeasure);

  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever rows stand elsewhere.
  useLayoutEffect(() => {
    if (slots.measure()) return remeasure();
    settle();
    const top = topOf(list.current);
    const held = isSettling() ? [] : reading.current;
    if (window.scrollY > TOP_PX) hold(held, now.current, top + goneSince(readAt.current));
    look.current();
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

/** The rows to draw when `y` px of the list are above the window. */
function rangeAt(starts: readonly number[], y: number, windowPx: number): Range {
  const count = starts.length - 1;
  if (count < 1) return { first: 0, end: 0 };
  const first = rowAt(starts, y - BEYOND_PX);
  const last = rowAt(starts, y + Math.max(windowPx, 1_000) + BEYOND_PX);
  return { first, end: Math.min(count, last + 1) };
}

/** What is read when `y` px of the list are above the window, and what may stand in for it. */
function readingAt<T>(
  rows: readonly T[],
  keyOf: (row: T) => string,
  starts: readonly number[],
  y: number,
): Reading[] {
  const first = rowAt(starts, y + HEAD_PX);
  return rows.slice(first, first + STAND_INS).map((row, index) => ({
    key: keyOf(row),
    at: (starts[first + index] ?? 0) - y,
  }));
}

/** Scroll by as much as what is read has moved. */
function hold<T>(
  held: readonly Reading[],
  {
    rows,
    keyOf,
    starts,
  }: { rows: readonly T[]; keyOf: (row: T) => string; starts: readonly number[] },
  top: number,
): void {
  for (const { key, at } of held) {
    const index = rows.findIndex((row) => keyOf(row) === key);
    if (index < 0) continue;
    const moved = (starts[index] ?? 0) - (window.scrollY - top) - at;
    if (Math.abs(moved) >= 1) window.scrollBy(0, moved);
    return;
  }
}

/** The drawn rows, measured when they come and whenever they change their height. */
function useSlots(heights: Map<string, number>, remeasure: () => void) {
  const drawn = useRef(new Map<string, HTMLElement>());
  const observer = useRef<ResizeObserver | null>(null);

  const take = useRef((key: string, height: number) => {
    if (height === 0 && !drawn.current.get(key)?.isConnected) return false;
    if (Math.abs((heights.get(key) ?? -1) - height) < 0.5) return false;
    heights.set(key, height);
    return true;
  });

  useEffect(() => {
    const sizes = new ResizeObserver((entries) => {
      let isOther = false;
      for (const entry of entries) {
        const key = (entry.target as HTMLElement).dataset['key'] ?? '';
        const height = entry.borderBoxSize[0]?.blockSize ?? 0;
        isOther = take.current(key, height) || isOther;
      }
      // Before the next frame is painted, so that no row is ever seen over another.
      if (isOther) flushSync(remeasure);
    });
    observer.current = sizes;
    for (const element of drawn.current.values()) sizes.observe(element);
    return () => sizes.disconnect();
  }, [remeasure]);

  /** For the `ref` of a row. */
  const slot = useRef((element: HTMLElement | null) => {
    const key = element?.dataset['key'];
    if (!element || key === undefined) return;
    drawn.current.set(key, element);
    observer.current?.observe(element);
    return () => {
      if (drawn.current.get(key) === element) drawn.current.delete(key);
      observer.current?.unobserve(element);
    };
  }).current;

  /** Measure what was drawn just now; true: some are not as high as was guessed. */
  const measure = () => {
    let isOther = false;
    for (const [key, element] of drawn.current) {
      if (heights.has(key)) continue;
      isOther = take.current(key, element.getBoundingClientRect().height) || isOther;
    }
    return isOther;
  };
  return { slot, measure };
}
