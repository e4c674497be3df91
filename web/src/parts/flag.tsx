/** A person: their picture, or their flag. Never the only name of anything. */

import './flag.css';

import type { CSSProperties } from 'react';
import type { Face } from './face';
import { flagOf } from './flag-of';
import { Link } from './link';
import { rendition } from './rendition';

interface Props {
  person: Face;
  /** CSS length; left out: as on the wire. */
  size?: string;
  /** Leads to their page, for fingers; the name beside it is the link for everyone else. */
  leads?: boolean;
}

/** Drawn at 96 px at most, on dense screens. */
const DRAWN_PX = 192;

export function Flag({ person, size, leads = false }: Props) {
  const style: Record<string, string> = {};
  if (size) style['--size'] = size;
  const flag = person.avatar ? null : flagOf(person.id);
  if (flag) Object.assign(style, { '--a': flag.a, '--b': flag.b });
  const picture = person.avatar && (
    <img src={rendition(person.avatar, DRAWN_PX).url} alt="" decoding="async" draggable={false} />
  );
  const look = {
    className: 'flag',
    'data-flag': flag?.pattern,
    style: style as CSSProperties,
    'aria-hidden': true,
  } as const;
  if (leads)
    return (
      <Link {...look} href={`/@${person.name}`} tabIndex={-1}>
        {picture}
      </Link>
    );
  return <span {...look}>{picture}</span>;
}
