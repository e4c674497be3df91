/** Where the rows of a long list are, which of them to draw, and by which of them to hold it. Pure. */

import type { Reading } from './scroll-memory';

export interface Range {
  readonly first: number;
  /** One past the last. */
  readonly end: number;
}

/** Drawn beyond each edge of the window, in px. */
const BEYOND_PX = 900;
/** What the sticky head covers. */
const HEAD_PX = 56;
/** How many rows on each side of the one that is read may stand in for it, should it go. */
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
  let end = 0;
  for (const height of heights) {
    end += height;
    starts.push(end);
  }
  return starts;
}

/** The rows to draw when `y` px of the list are above the window. */
export function rangeAt(starts: readonly number[], y: number, windowPx: number): Range {
  const count = starts.length - 1;
  if (count < 1) return { first: 0, end: 0 };
  const first = rowAt(starts, y - BEYOND_PX);
  const last = rowAt(starts, y + Math.max(windowPx, 1_000) + BEYOND_PX);
  return { first, end: Math.min(count, last + 1) };
}

/**
 * What is read when `y` px of the list are above the window, the best first: the row at `finger` px below the top of
 * the window, else the first that begins in its upper half, else the one under the head. Then those below it, then
 * those above it.
 */
export function readingAt<T>(
  rows: readonly T[],
  keyOf: (row: T) => string,
  starts: readonly number[],
  y: number,
  windowPx: number,
  finger: number | null,
): Reading[] {
  const read = rowAt(starts, y + (finger === null ? HEAD_PX : Math.max(finger, HEAD_PX)));
  const below = starts[read + 1] ?? 0;
  const isCut = finger === null && (starts[read] ?? 0) < y + HEAD_PX;
  const first = isCut && read + 1 < rows.length && below < y + windowPx / 2 ? read + 1 : read;
  const indices: number[] = [];
  for (let index = first; index <= first + STAND_INS; index++) indices.push(index);
  for (let index = first - 1; index >= first - STAND_INS; index--) indices.push(index);
  return indices.flatMap((index) => {
    const row = rows[index];
    return row === undefined ? [] : [{ key: keyOf(row), at: (starts[index] ?? 0) - y }];
  });
}
