/** What people write: links, mentions and hashtags found, everything else as it stands. */

import { type Piece, pieces } from '../store/text';
import { Link } from './link';
import { searchPath } from './search-address';

interface Props {
  text: string;
  /** As a profile's words, not a post's. */
  plain?: boolean;
}

const SHOWN = 44;

/** A link without what everybody knows; too long ones end in a dot dot dot. */
function shown(href: string): string {
  const bare = href.replace(/^https?:\/\/(www\.)?/i, '').replace(/\/$/, '');
  return bare.length > SHOWN ? `${bare.slice(0, SHOWN - 1)}…` : bare;
}

function Run({ piece }: { piece: Piece }) {
  if (piece.kind === 'mention')
    return (
      <Link className="link" href={`/@${piece.name}`}>
        {piece.text}
      </Link>
    );
  if (piece.kind === 'link')
    return (
      <a
        className="link"
        href={piece.href}
        title={piece.href}
        target="_blank"
        rel="noopener nofollow ugc"
      >
        {shown(piece.href)}
      </a>
    );
  if (piece.kind === 'hashtag')
    return (
      <Link className="link hashtag" href={searchPath(piece.text)}>
        {piece.text}
      </Link>
    );
  return piece.text;
}

export function RichText({ text, plain = false }: Props) {
  return (
    <p className={plain ? undefined : 'text'} dir="auto">
      {keyed(pieces(text)).map(({ key, piece }) => (
        <Run key={key} piece={piece} />
      ))}
    </p>
  );
}

/** Pieces never move: where they begin names them. */
function keyed(all: readonly Piece[]): { key: number; piece: Piece }[] {
  let at = 0;
  return all.map((piece) => {
    const key = at;
    at += piece.text.length;
    return { key, piece };
  });
}
