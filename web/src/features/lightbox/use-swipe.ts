/** A finger or pen that pushes a picture aside, or down and away. */

import { type PointerEvent, useRef } from 'react';

interface Way {
  /** To the side: where the finger went, -1 left, 1 right. */
  aside: (direction: -1 | 1) => void;
  down: () => void;
}

/** In CSS pixels: as far as this it was a tap. */
const MEANT = 48;

interface Push {
  id: number;
  x: number;
  y: number;
}

const prefersStill = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Handlers for the element that is pushed; it follows the finger, unless motion is too much. */
export function useSwipe({ aside, down }: Way) {
  const push = useRef<Push | null>(null);
  const end = (event: PointerEvent<HTMLElement>) => {
    const begun = push.current;
    if (begun?.id !== event.pointerId) return null;
    push.current = null;
    event.currentTarget.style.translate = '';
    return { x: event.clientX - begun.x, y: event.clientY - begun.y };
  };
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      // A mouse has buttons to press and a second finger means to zoom.
      if (event.pointerType === 'mouse' || !event.isPrimary) return;
      push.current = { id: event.pointerId, x: event.clientX, y: event.clientY };
      event.currentTarget.setPointerCapture?.(event.pointerId);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const begun = push.current;
      if (begun?.id !== event.pointerId || prefersStill()) return;
      const [x, y] = [event.clientX - begun.x, Math.max(0, event.clientY - begun.y)];
      event.currentTarget.style.translate = Math.abs(x) > y ? `${x}px` : `0 ${y}px`;
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      const went = end(event);
      if (went === null) return;
      if (Math.abs(went.x) > Math.max(MEANT, Math.abs(went.y))) aside(went.x < 0 ? -1 : 1);
      else if (went.y > Math.max(2 * MEANT, Math.abs(went.x))) down();
    },
    onPointerCancel: (event: PointerEvent<HTMLElement>) => {
      end(event);
    },
  };
}
