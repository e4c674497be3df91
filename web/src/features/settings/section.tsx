/** A part of the settings, under its heading. */

import { type ReactNode, useId } from 'react';

interface Props {
  title: string;
  what?: string;
  /** What is in it cannot be undone. */
  grave?: boolean;
  children: ReactNode;
}

export function Section({ title, what, grave = false, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={grave ? 'danger-zone' : undefined}>
      <h2 id={id}>{title}</h2>
      {what ? <p>{what}</p> : null}
      {children}
    </section>
  );
}
