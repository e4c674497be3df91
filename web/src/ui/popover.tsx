/** What opens beside the control that asked for it: in the top layer, closed by a press elsewhere or Escape. */

import './popover.css';

import type { ComponentProps, ReactNode, RefObject } from 'react';
import { useLayoutEffect, useRef } from 'react';

interface Props extends Omit<ComponentProps<'div'>, 'popover' | 'ref'> {
  /** The control; it gets the focus back. */
  anchor: RefObject<HTMLElement | null>;
  onClose: () => void;
  /** Rises from below on a narrow page. */
  sheet?: boolean;
  children: ReactNode;
}

const GAP = 6;
const MARGIN = 8;

/** Below the anchor if there is room, else above; never beyond the edge of the window. */
function place(element: HTMLElement, anchor: HTMLElement) {
  const from = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = element;
  const view = document.documentElement;
  // From the middle of the window on, it opens towards the middle.
  const isFar = (from.left + from.right) / 2 > view.clientWidth / 2;
  const wanted = isFar ? from.right - width : from.left;
  const left = Math.min(Math.max(MARGIN, wanted), view.clientWidth - width - MARGIN);
  const below = from.bottom + GAP;
  const fits = below + height + MARGIN <= view.clientHeight || from.top < view.clientHeight / 2;
  const top = fits ? below : Math.max(MARGIN, from.top - GAP - height);
  const room = fits ? view.clientHeight - below - MARGIN : from.top - GAP - MARGIN;
  element.style.setProperty('--room', `${room}px`);
  element.style.setProperty('--x', `${left}px`);
  element.style.setProperty('--y', `${top}px`);
}

export function Popover({ anchor, onClose, sheet = false, children, ...rest }: Props) {
  const popover = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;

  useLayoutEffect(() => {
    const element = popover.current;
    const control = anchor.current;
    if (!element || !control) return;
    element.showPopover?.();
    const put = () => place(element, control);
    const toggled = (event: Event) => {
      if ((event as ToggleEvent).newState === 'closed') close.current();
    };
    put();
    const size = new ResizeObserver(put);
    size.observe(element);
    element.addEventListener('toggle', toggled);
    window.addEventListener('resize', put);
    window.addEventListener('scroll', put, { passive: true });
    return () => {
      const focused = document.activeElement;
      if (element.contains(focused) || focused === document.body)
        control.focus({ preventScroll: true });
      size.disconnect();
      element.removeEventListener('toggle', toggled);
      window.removeEventListener('resize', put);
      window.removeEventListener('scroll', put);
    };
  }, [anchor]);

  return (
    <div {...rest} popover="auto" className="popover" data-sheet={sheet || undefined} ref={popover}>
      {children}
    </div>
  );
}
