/** A living post: its words, pictures and quote, and what one can do with it. */

import { type MouseEvent, type ReactNode, useRef } from 'react';
import { Link } from '../../parts/link';
import { Pictures } from '../../parts/pictures';
import { PostFrame } from '../../parts/post';
import { Quote, QuoteGone } from '../../parts/quote';
import { RichText } from '../../parts/rich-text';
import { Time } from '../../parts/time';
import { useHidden, useOnScreen, usePost, useUser } from '../../store/hooks';
import type { Person, PostItem } from '../../store/types';
import { openPictures } from '../lightbox/open';
import { PostFoot } from './foot';
import { openPost } from './open';

interface Props {
  post: PostItem;
  author: Person;
  knot?: ReactNode;
  wire?: 'first' | 'last' | undefined;
  /** Arrived before the reader's eyes. */
  fresh?: boolean;
}

const PRESSABLE = 'a, button, input, textarea, dialog, [popover], [role=menu]';

/** A press on the post itself opens it; its time is the link that keys and screen readers use. */
function pressed(event: MouseEvent, id: string) {
  const target = event.target as Element;
  if (event.button !== 0 || target.closest(PRESSABLE)) return;
  if (!event.currentTarget.contains(target) || getSelection()?.toString()) return;
  openPost(id);
}

export function PostView({ post, author, knot, wire, fresh }: Props) {
  const article = useRef<HTMLElement>(null);
  useOnScreen(post.id, article);
  return (
    <PostFrame
      ref={article}
      stop={`post ${post.id}`}
      author={author}
      knot={knot}
      wire={wire}
      data-fresh={fresh || undefined}
      data-opens
      data-post={post.id}
      onClick={(event) => pressed(event, post.id)}
      at={
        <Link className="at" href={`/post/${post.id}`} data-key="Enter">
          <Time at={post.created_at} />
        </Link>
      }
    >
      <PostBody post={post} />
      <PostFoot post={post} author={author} />
    </PostFrame>
  );
}

export function PostBody({ post }: { post: PostItem }) {
  return (
    <>
      {post.text ? <RichText text={post.text} /> : null}
      <Pictures media={post.media} onOpen={(index) => openPictures(post.media, index)} />
      {post.quote_of ? <QuotedPost id={post.quoted_id} /> : null}
    </>
  );
}

function QuotedPost({ id }: { id: string | null }) {
  const post = usePost(id);
  const author = useUser(post?.author_id ?? null);
  const hidden = useHidden(post?.author_id);
  if (!post || !author || post.deleted || hidden) return <QuoteGone />;
  return <Quote post={post} author={author} />;
}
