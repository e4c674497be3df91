/**
 * A long list on the page: draws only the rows in sight, and holds still what is being read.
 *
 * Virtual rather than `content-visibility`: a day of pushes is thousands of posts, each with live numbers, and coming
 * back to the list must draw one screen of them, not all; the heights once measured are kept with the history.
 */

import './rows.css';

import { defaultRangeExtractor, type Range, useWindowVirtualizer } from '@tanstack/react-virtual';
import type { FocusEvent, ReactNode } from 'react';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { here, keepHeights, place } from './scroll-memory';

interface Props<T> {
  /** A new array when, and only when, a row came, went or changed. */
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** A first guess of its height in px. */
  guess: (row: T) => number;
  draw: (row: T, index: number) => ReactNode;
  name: string;
  busy?: boolean;
  /** The last rows are near. */
  onNearEnd?: () => void;
  /** These rows are on screen now. */
  onSeen?: (rows: readonly T[]) => void;
}

const NEAR_END = 12;
const HEAD_PX = 56;

type Measured = readonly { key: unknown; start: number; end: number }[];

/** The row that is being read, and where on the screen it begins. */
function reading(measured: Measured): { key: unknown; at: number } | null {
  const top = window.scrollY;
  if (top < 8) return null;
  const row = measured.find((each) => each.end > top + HEAD_PX);
  return row ? { key: row.key, at: row.start - top } : null;
}

export function Rows<T>({ rows, keyOf, guess, draw, name, busy, onNearEnd, onSeen }: Props<T>) {
  const list = useRef<HTMLDivElement>(null);
  const [page] = useState(here);
  const [margin, setMargin] = useState(0);
  const focused = useRef(-1);
  const before = useRef<{ rows: readonly T[]; measured: () => Measured } | null>(null);
  const held =
    before.current && before.current.rows !== rows ? reading(before.current.measured()) : null;

  const virtual = useWindowVirtualizer<HTMLDivElement>({
    count: rows.length,
    estimateSize: (index) => {
      const row = rows[index];
      return row === undefined ? 0 : guess(row);
    },
    getItemKey: useCallback(
      (index: number) => {
        const row = rows[index];
        return row === undefined ? index : keyOf(row);
      },
      [rows, keyOf],
    ),
    overscan: 5,
    scrollMargin: margin,
    initialOffset: () => place(page)?.y ?? 0,
    initialMeasurementsCache: place(page)?.heights ?? [],
    // The row that has the focus is never taken from under it.
    rangeExtractor: (range: Range) => {
      const indexes = defaultRangeExtractor(range);
      const at = focused.current;
      if (at < 0 || at >= range.count || indexes.includes(at)) return indexes;
      return [...indexes, at].sort((a, b) => a - b);
    },
  });

  useLayoutEffect(() => {
    if (held) {
      const row = virtual.measurementsCache.find((each) => each.key === held.key);
      const moved = row ? row.start - window.scrollY - held.at : 0;
      if (Math.abs(moved) > 0.5) window.scrollBy(0, moved);
    }
    before.current = { rows, measured: () => virtual.measurementsCache };
  });

  useLayoutEffect(() => {
    const element = list.current;
    if (!element?.parentElement) return;
    const measure = () =>
      setMargin(Math.round(element.getBoundingClientRect().top + window.scrollY));
    measure();
    const above = new ResizeObserver(measure);
    above.observe(element.parentElement);
    return () => above.disconnect();
  }, []);

  useEffect(() => () => keepHeights(page, virtual.takeSnapshot()), [page, virtual]);

  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= rows.length - NEAR_END) onNearEnd?.();
  }, [last, rows.length, onNearEnd]);

  const first = virtual.range?.startIndex ?? 0;
  const end = virtual.range?.endIndex ?? -1;
  useEffect(() => {
    onSeen?.(rows.slice(first, end + 1));
  }, [rows, first, end, onSeen]);

  const remember = (event: FocusEvent) => {
    const row = (event.target as Element).closest('[data-index]');
    focused.current = row ? Number(row.getAttribute('data-index')) : -1;
  };

  return (
    <div
      className="rows"
      role="feed"
      aria-label={name}
      aria-busy={busy ?? false}
      ref={list}
      style={{ blockSize: virtual.getTotalSize() }}
      onFocus={remember}
      onBlur={() => {
        focused.current = -1;
      }}
    >
      {items.map((item) => {
        const row = rows[item.index];
        return row === undefined ? null : (
          <div
            className="slot"
            key={item.key}
            data-index={item.index}
            ref={virtual.measureElement}
            style={{ insetBlockStart: item.start - margin }}
          >
            {draw(row, item.index)}
          </div>
        );
      })}
    </div>
  );
}
