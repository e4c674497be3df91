/** A person in a list: flag, names, and what one can do. */

import './person.css';

import type { ReactNode } from 'react';
import type { Face } from './face';
import { Flag } from './flag';
import { Link } from './link';

interface Props {
  person: Face;
  /** After the handle: "you", a time. */
  beside?: ReactNode;
  children?: ReactNode;
}

export function Person({ person, beside, children }: Props) {
  return (
    <li className="person" data-stop={`person ${person.id}`} tabIndex={-1}>
      <Flag person={person} leads />
      <Link className="who" href={`/@${person.name}`} data-key="Enter">
        <b>
          <bdi>{person.display_name}</bdi>
        </b>
        <span className="faint">
          <bdi>@{person.name}</bdi>
          {beside ? <> · {beside}</> : null}
        </span>
      </Link>
      {children}
    </li>
  );
}
