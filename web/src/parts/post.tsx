/** A post as it hangs on the wire: who, when, what, and what one can do with it. */

import './wire.css';
import './post.css';

import type { ComponentProps, ReactNode } from 'react';
import { texts } from '../texts/texts';
import type { Face } from './face';
import { Flag } from './flag';
import { Link } from './link';

interface Props extends ComponentProps<'article'> {
  author: Face;
  /** Its name among what the keys move between; it outlives being drawn again. */
  stop: string;
  /** The time, or what stands in its place. */
  at: ReactNode;
  /** Why it is here: a retweet, a reply. */
  knot?: ReactNode;
  wire?: 'first' | 'last' | undefined;
  /** The wire is dashed: not saved yet, or not at all. */
  state?: 'pending' | 'failed' | undefined;
  children: ReactNode;
}

export function PostFrame({ author, stop, at, knot, wire, state, children, ...rest }: Props) {
  return (
    <article
      className="wired post"
      aria-label={texts.post.by(author.display_name)}
      data-wire={wire}
      data-state={state}
      data-stop={stop}
      tabIndex={-1}
      {...rest}
    >
      {knot}
      <Flag person={author} leads />
      <div className="main">
        <header className="by">
          <Link className="name" href={`/@${author.name}`}>
            <bdi>{author.display_name}</bdi>
          </Link>
          <bdi className="handle">@{author.name}</bdi>
          {at}
        </header>
        {children}
      </div>
    </article>
  );
}

/** A line where something joins the wire; `mark` sits on it. */
export function Knot({ mark, children }: { mark: ReactNode; children: ReactNode }) {
  return (
    <p className="knot">
      {mark}
      <span>{children}</span>
    </p>
  );
}

/** Where a post was. */
export function Tomb({
  name,
  at,
  wire,
}: {
  name: string;
  at?: ReactNode;
  wire?: 'last' | undefined;
}) {
  return (
    <article className="wired tomb" data-wire={wire}>
      <span className="ring" aria-hidden="true" />
      <div className="main">
        <span dir="auto">{texts.post.deletedBy(name)}</span>
        {at}
      </div>
    </article>
  );
}

/** The first post of all has been reached. */
export function WireEnd({ children }: { children: ReactNode }) {
  return (
    <div className="wired wire-end" data-wire="last">
      <span className="ring" aria-hidden="true" />
      <p className="faint">{children}</p>
    </div>
  );
}

/** Posts that are missing here: told, and loadable. */
export function Gap({ children, action }: { children: ReactNode; action: ReactNode }) {
  return (
    <div className="wired gap">
      <div>
        <p>{children}</p>
        {action}
      </div>
    </div>
  );
}
