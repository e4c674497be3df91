/**
 * A long list on the page: draws only the rows in sight, and holds still what is being read.
 *
 * Virtual rather than `content-visibility`: a day of pushes is thousands of posts, each with live numbers, and coming
 * back to the list must draw one screen of them, not all. By hand rather than by a library, because the ready-made one
 * is a tenth of the whole page's script.
 */

import './rows.css';

import { type FocusEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useRows } from './use-rows';

interface Props<T> {
  /** A new array when, and only when, a row came, went or changed. */
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** A first guess of its height in px. */
  guess: (row: T) => number;
  draw: (row: T) => ReactNode;
  name: string;
  busy?: boolean;
  /** The last rows are near. */
  onNearEnd?: () => void;
}

const NEAR_END = 12;

export function Rows<T>({ rows, keyOf, guess, draw, name, busy, onNearEnd }: Props<T>) {
  const { list, starts, range, slot } = useRows({ rows, keyOf, guess });
  const [focused, setFocused] = useState<string | null>(null);

  const told = useRef(onNearEnd);
  told.current = onNearEnd;
  // biome-ignore lint/correctness/useExhaustiveDependencies: told again for each end that comes near.
  useEffect(() => {
    if (range.end >= rows.length - NEAR_END) told.current?.();
  }, [range.end, rows.length, onNearEnd]);

  const noted = (event: FocusEvent) => {
    const row = (event.target as Element).closest<HTMLElement>('.slot');
    setFocused(row?.dataset['key'] ?? null);
  };
  const drawn: number[] = [];
  for (let index = range.first; index < Math.min(range.end, rows.length); index++)
    drawn.push(index);
  // The row that has the focus is never taken from under it.
  const at = focused === null ? -1 : rows.findIndex((row) => keyOf(row) === focused);
  if (at >= 0 && at < range.first) drawn.unshift(at);
  if (at >= range.end) drawn.push(at);

  return (
    <div
      className="rows"
      role="feed"
      aria-label={name}
      aria-busy={busy ?? false}
      ref={list}
      style={{ blockSize: starts.at(-1) }}
      onFocus={noted}
      onBlur={() => setFocused(null)}
    >
      {drawn.map((index) => {
        const row = rows[index];
        if (row === undefined) return null;
        const key = keyOf(row);
        return (
          <div
            className="slot"
            key={key}
            data-key={key}
            ref={slot}
            style={{ insetBlockStart: starts[index] }}
          >
            {draw(row)}
          </div>
        );
      })}
    </div>
  );
}
