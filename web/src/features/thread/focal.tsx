/** The post one came to read. */

import './thread.css';
import '../../parts/facts.css';

import { useRef } from 'react';
import { PostFrame } from '../../parts/post';
import { ExactTime } from '../../parts/time';
import { useCounts, useOnScreen } from '../../store/hooks';
import type { Person, PostItem } from '../../store/types';
import { number } from '../../texts/numbers';
import { texts } from '../../texts/texts';
import { FollowButton } from '../people/follow-button';
import { openReactions, openRetweeters } from '../people/open';
import { PostFoot } from '../post/foot';
import { PostBody } from '../post/post';
import { ReplyKnot } from '../timeline/entry';

interface Props {
  post: PostItem;
  author: Person;
  /** What it answers stands above it. */
  answers: boolean;
}

export function Focal({ post, author, answers }: Props) {
  const article = useRef<HTMLElement>(null);
  useOnScreen(post.id, article);
  return (
    <PostFrame
      ref={article}
      stop={`post ${post.id}`}
      className="wired post focal"
      data-post={post.id}
      author={author}
      knot={post.reply_to && !answers ? <ReplyKnot post={post} /> : null}
      at={<FollowButton person={author} />}
    >
      <PostBody post={post} />
      <Facts post={post} />
      <PostFoot post={post} author={author} />
    </PostFrame>
  );
}

function Facts({ post }: { post: PostItem }) {
  const counts = useCounts(post.id);
  const retweets = counts?.retweets ?? 0;
  const quotes = counts?.quotes ?? 0;
  const reactions = Object.values(counts?.reactions ?? {}).reduce((sum, n) => sum + n, 0);
  return (
    <p className="facts">
      <ExactTime at={post.created_at} />
      {retweets > 0 ? (
        <button type="button" onClick={() => openRetweeters(post.id)}>
          <b className="num">{number(retweets)}</b> {texts.thread.retweets(retweets)}
        </button>
      ) : null}
      {quotes > 0 ? (
        <span>
          <b className="num">{number(quotes)}</b> {texts.thread.quotes(quotes)}
        </span>
      ) : null}
      {reactions > 0 ? (
        <button type="button" onClick={() => openReactions(post.id)}>
          <b className="num">{number(reactions)}</b> {texts.thread.reactions(reactions)}
        </button>
      ) : null}
    </p>
  );
}
