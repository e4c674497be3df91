/**
 * A long list on the page: draws only the rows in sight, and holds still what is being read.
 *
 * Virtual rather than `content-visibility`: a day of pushes is thousands of posts, each with live numbers, and coming
 * back to the list must draw one screen of them, not all. By hand rather than by a library, because the ready-made one
 * is a tenth of the whole page's script.
 */

import './rows.css';

import { type FocusEvent, memo, type ReactNode, useEffect, useRef, useState } from 'react';
import { useRows } from './use-rows';

interface Props<T> {
  /** A new array when, and only when, a row came, went or changed. */
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** A first guess of its height in px. */
  guess: (row: T) => number;
  draw: (row: T) => ReactNode;
  name: string;
  /** A feed holds articles and nothing else. */
  role?: 'feed' | 'region';
  busy?: boolean;
  ended?: boolean;
  /** This row is always drawn, and keeps its place until the reader moves, even at the top of the page. */
  held?: string | null;
  /** The last rows are near. */
  onNearEnd?: (() => void) | undefined;
}

const NEAR_END = 12;

function RowsOf<T>(props: Props<T>) {
  const { rows, keyOf, guess, draw, name, onNearEnd, role = 'feed', held = null } = props;
  const ended = props.ended ?? false;
  const { list, starts, range, slot } = useRows({ rows, keyOf, guess, held, ended });
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
  const drawn = new Set<number>();
  for (let index = range.first; index < Math.min(range.end, rows.length); index++) drawn.add(index);
  // The row that has the focus is never taken from under it.
  for (const key of [focused, held]) {
    const index = key === null ? -1 : rows.findIndex((row) => keyOf(row) === key);
    if (index >= 0) drawn.add(index);
  }
  const heldAt = held === null ? -1 : rows.findIndex((row) => keyOf(row) === held);
  const height = starts.at(-1) ?? 0;
  // Room below, so that the row can stand right under the head however little follows it.
  const room = heldAt < 0 ? height : `max(${height}px, ${starts[heldAt]}px + var(--window))`;

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it has a role, and only notes where the focus is.
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles have a name and may be busy.
    <div
      className="rows"
      role={role}
      aria-label={name}
      aria-busy={props.busy ?? false}
      ref={list}
      style={{ blockSize: room }}
      onFocus={noted}
      onBlur={() => setFocused(null)}
    >
      {[...drawn]
        .sort((a, b) => a - b)
        .map((index) => {
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

/** Drawn again only for other rows, or another way to draw them: name both once. */
export const Rows = memo(RowsOf) as typeof RowsOf;
