/** The drawn rows of a long list, measured when they come and whenever they change their height. */

import { useEffect, useRef } from 'react';
import { flushSync } from 'react-dom';

/** Heights that are remembered for rows that are not drawn. */
const REMEMBERED = 4_000;

export function useSlots(heights: Map<string, number>, remeasure: () => void) {
  const drawn = useRef(new Map<string, HTMLElement>());
  const observer = useRef<ResizeObserver | null>(null);

  const take = useRef((key: string, height: number) => {
    if (height === 0 && !drawn.current.get(key)?.isConnected) return false;
    // Whole px, so that rows below a fraction stand still to the pixel.
    const whole = Math.round(height);
    if (heights.get(key) === whole) return false;
    heights.set(key, whole);
    if (heights.size > REMEMBERED) forget(heights, drawn.current);
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

/** Let go of the half that was measured first and is not drawn. */
function forget(heights: Map<string, number>, drawn: ReadonlyMap<string, HTMLElement>): void {
  const most = REMEMBERED / 2;
  for (const key of heights.keys()) {
    if (heights.size <= most) return;
    if (!drawn.has(key)) heights.delete(key);
  }
}
