/** One row of a thread, as it is drawn. */

import { useEffect } from 'react';
import { Empty } from '../../parts/empty';
import { Lamp } from '../../parts/lamp';
import { Knot, Tomb } from '../../parts/post';
import { PostBones } from '../../parts/skeleton';
import { Time } from '../../parts/time';
import {
  useActions,
  useCounts,
  useHidden,
  useMe,
  usePost,
  useThread,
  useUser,
} from '../../store/hooks';
import type { Id, PostItem } from '../../store/types';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { WiredReply } from '../compose/wired';
import { PostView } from '../post/post';
import { DraftRow } from '../timeline/draft';
import { ReplyKnot } from '../timeline/entry';
import { Focal } from './focal';
import type { ThreadItem } from './thread-items';

interface Props {
  item: ThreadItem;
  /** The post one came to read. */
  postId: Id;
  /** Show the replies to this reply too. */
  onOpen: (replyId: Id) => void;
}

export function ThreadRow({ item, postId, onOpen }: Props) {
  switch (item.kind) {
    case 'ancestor':
      return <Ancestor id={item.id} first={item.first} />;
    case 'focal':
      return <TheOne id={postId} />;
    case 'reply':
      return <Reply item={item} isNested={item.to !== postId} onOpen={onOpen} />;
    case 'draft':
      return <DraftRow draft={item.draft} />;
    case 'more':
      return <More id={item.id} busy={item.busy} />;
    case 'failed':
      return <Failed id={item.id} />;
    case 'bones':
      return <PostBones posts={2} name={texts.feed.loadingMore} />;
  }
}

function Gone({ post }: { post: PostItem }) {
  const author = useUser(post.author_id);
  const at = <Time at={post.created_at} />;
  return <Tomb name={author?.deleted ? '' : (author?.display_name ?? '')} at={at} />;
}

function Ancestor({ id, first }: { id: Id; first: boolean }) {
  const post = usePost(id);
  const author = useUser(post?.author_id);
  if (!post) return null;
  if (post.deleted) return <Gone post={post} />;
  if (!author) return null;
  const knot = first && post.reply_to ? <ReplyKnot post={post} /> : null;
  return <PostView post={post} author={author} knot={knot} />;
}

/** The post one came to read, and where to answer it. */
function TheOne({ id }: { id: Id }) {
  const thread = useThread(id);
  const post = usePost(id);
  const author = useUser(post?.author_id);
  if (!post) return null;
  const heading = thread?.replies.length ? <h2 className="said">{texts.thread.replies}</h2> : null;
  if (post.deleted || !author)
    return (
      <>
        <Gone post={post} />
        {heading}
      </>
    );
  return (
    <>
      <Focal post={post} author={author} answers={(thread?.ancestors.length ?? 0) > 0} />
      <WiredReply postId={id} />
      {heading}
    </>
  );
}

interface ReplyProps {
  item: Extract<ThreadItem, { kind: 'reply' }>;
  /** It answers a reply. */
  isNested: boolean;
  onOpen: (replyId: Id) => void;
}

function Reply({ item, isNested, onOpen }: ReplyProps) {
  const post = usePost(item.id);
  const author = useUser(post?.author_id);
  const me = useMe();
  const replies = useCounts(item.id)?.replies ?? 0;
  const hidden = useHidden(post?.author_id);
  if (!post || hidden) return null;
  if (post.deleted) return <Gone post={post} />;
  if (!author) return null;
  const isFresh = item.fresh && author.id !== me?.id;
  const lit = isFresh ? <Knot mark={<Lamp state="live" />}>{texts.post.fresh}</Knot> : null;
  return (
    <>
      <PostView
        post={post}
        author={author}
        knot={isNested ? <ReplyKnot post={post} /> : lit}
        fresh={item.fresh}
      />
      {replies > 0 && !item.open ? (
        <div className="wired thread-fold">
          <Button kind="quiet" onClick={() => onOpen(item.id)}>
            {texts.thread.showReplies(replies)}
          </Button>
        </div>
      ) : null}
    </>
  );
}

/** The next replies are asked for as soon as this comes near. */
function More({ id, busy }: { id: Id; busy: boolean }) {
  const actions = useActions();
  useEffect(() => {
    if (!busy) actions.loadMoreReplies(id);
  }, [actions, id, busy]);
  return <PostBones posts={1} name={texts.feed.loadingMore} />;
}

function Failed({ id }: { id: Id }) {
  const actions = useActions();
  const thread = useThread(id);
  const isOffline = thread?.refusal?.code === 'offline';
  return (
    <Empty
      drawing="cut"
      title={texts.feed.failedTitle}
      actions={
        <Button kind="lamp" onClick={() => actions.loadMoreReplies(id)}>
          {texts.tryAgain}
        </Button>
      }
    >
      {isOffline ? texts.feed.offline : thread?.refusal?.message}
    </Empty>
  );
}
