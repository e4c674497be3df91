/** Nothing here: why, and where to go. */

import './empty.css';

import type { ReactNode } from 'react';

interface Props {
  /** `wire`: a wire with nobody on it yet; `cut`: one that did not arrive. */
  drawing?: 'wire' | 'cut';
  title: string;
  /** The page has no other heading. */
  main?: boolean;
  children?: ReactNode;
  actions?: ReactNode;
}

export function Empty({ drawing, title, main = false, children, actions }: Props) {
  const Heading = main ? 'h1' : 'h2';
  return (
    <div className="empty">
      {drawing === 'wire' ? <Wire /> : null}
      {drawing === 'cut' ? <Cut /> : null}
      <Heading>{title}</Heading>
      {children ? <p>{children}</p> : null}
      {actions ? <div className="do">{actions}</div> : null}
    </div>
  );
}

function Wire() {
  return (
    <svg className="drawing" viewBox="0 0 176 112" aria-hidden="true">
      <path d="M88 22v90" stroke="var(--wire)" strokeWidth="2" />
      <circle cx="88" cy="16" r="12" fill="var(--lamp)" opacity=".3" />
      <circle cx="88" cy="16" r="7" fill="var(--lamp)" stroke="var(--lamp-edge)" strokeWidth="2" />
      <g fill="var(--fog)" stroke="var(--edge)" strokeWidth="2" strokeDasharray="4 4">
        <rect x="72" y="44" width="32" height="26" rx="7" />
        <rect x="72" y="82" width="32" height="26" rx="7" />
      </g>
    </svg>
  );
}

function Cut() {
  return (
    <svg className="drawing" viewBox="0 0 176 112" aria-hidden="true">
      <g stroke="var(--edge)" strokeWidth="2" fill="none">
        <path d="M88 24v30M88 74v38M78 54h20M78 74h20" />
        <circle cx="88" cy="16" r="7" />
      </g>
    </svg>
  );
}
