/** A button. One that waits can be reached, and says why. */

import './button.css';

import type { ComponentProps, MouseEvent } from 'react';
import { useId } from 'react';

interface Props extends Omit<ComponentProps<'button'>, 'disabled'> {
  /** `lamp` once a view; `danger` only in a last question. Left out: soft. */
  kind?: 'lamp' | 'quiet' | 'danger' | 'danger-quiet';
  /** Why it does nothing for now; null or left out: it works. */
  waits?: string | null | undefined;
  /** Working on it. */
  busy?: boolean;
}

export function Button({
  kind,
  waits,
  busy = false,
  type = 'button',
  onClick,
  children,
  ...rest
}: Props) {
  const reason = useId();
  const idle = Boolean(waits) || busy;
  const click = (event: MouseEvent<HTMLButtonElement>) => {
    if (!idle) return onClick?.(event);
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <button
      className="button"
      {...rest}
      type={type}
      data-kind={kind}
      aria-disabled={idle || undefined}
      aria-busy={busy || undefined}
      aria-describedby={waits ? reason : rest['aria-describedby']}
      title={waits ?? rest.title}
      onClick={click}
    >
      {children}
      {waits ? (
        <span className="said" id={reason}>
          {waits}
        </span>
      ) : null}
    </button>
  );
}
