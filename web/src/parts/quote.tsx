/** A post within a post: all of it is one link. */

import './post.css';

import { texts } from '../texts/texts';
import type { Media } from '../wire/protocol';
import type { Face } from './face';
import { Flag } from './flag';
import { Link } from './link';
import { SmallPictures } from './pictures';
import { Time } from './time';

interface Quoted {
  readonly id: string;
  readonly text: string;
  readonly media: readonly Media[];
  readonly created_at: string;
}

interface Props {
  post: Quoted;
  author: Face;
}

export function Quote({ post, author }: Props) {
  return (
    <Link className="quote" href={`/post/${post.id}`}>
      <QuoteBody post={post} author={author} />
    </Link>
  );
}

/** The same, where it is only looked at: in the composer. */
export function StillQuote({ post, author }: Props) {
  return (
    <div className="quote">
      <QuoteBody post={post} author={author} />
    </div>
  );
}

export function QuoteGone() {
  return <div className="quote faint">{texts.post.quoteGone}</div>;
}

function QuoteBody({ post, author }: Props) {
  return (
    <>
      <span className="by">
        <Flag person={author} size="1.375rem" />
        <b className="name">
          <bdi>{author.display_name}</bdi>
        </b>
        <bdi className="handle">@{author.name}</bdi>
        <span className="at">
          <Time at={post.created_at} />
        </span>
      </span>
      {post.text ? (
        <span className="text" dir="auto">
          {post.text}
        </span>
      ) : null}
      <SmallPictures media={post.media} />
    </>
  );
}
