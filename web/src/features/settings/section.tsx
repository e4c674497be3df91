/** A part of the settings, under its heading. */

import { type ReactNode, useId } from 'react';

interface Props {
  title: string;
  what?: string;
  children: ReactNode;
}

export function Section({ title, what, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {what ? <p>{what}</p> : null}
      {children}
    </section>
  );
}
