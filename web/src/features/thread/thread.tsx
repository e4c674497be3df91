/** A post in its conversation: what it answers above, its replies below, live. */

import './thread.css';

import { useLayoutEffect, useRef } from 'react';
import { navigate } from 'wouter/use-browser-location';
import { Head } from '../../app/head';
import { useTitle } from '../../app/title';
import { Empty } from '../../parts/empty';
import { Lamp } from '../../parts/lamp';
import { Knot, Tomb } from '../../parts/post';
import { PostBones } from '../../parts/skeleton';
import { useActions, useDrafts, usePost, useThread, useUser } from '../../store/hooks';
import { isNewer } from '../../store/ids';
import type { Thread as ThreadState } from '../../store/types';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { WiredReply } from '../compose/wired';
import { PostView } from '../post/post';
import { DraftRow } from '../timeline/draft';
import { ReplyKnot } from '../timeline/entry';
import { Focal } from './focal';

export function Thread({ id }: { id: string }) {
  const thread = useThread(id);
  const post = usePost(id);
  const author = useUser(post?.author_id);
  const pin = usePinned(thread?.ancestors.length ?? 0);
  useTitle(
    post && author ? texts.titles.post(author.display_name, post.text) : texts.titles.thread,
  );
  const isMissing = thread?.state === 'missing';
  const isHere = post && author && !isMissing;
  return (
    <>
      <Head title={texts.titles.thread} back />
      {thread?.ancestors.map((each, index) => (
        <Ancestor key={each} id={each} first={index === 0} />
      ))}
      <div ref={pin}>
        {isHere ? (
          post.deleted ? (
            <Tomb name={author.display_name} />
          ) : (
            <>
              <Focal post={post} author={author} answers={(thread?.ancestors.length ?? 0) > 0} />
              <WiredReply postId={id} />
            </>
          )
        ) : null}
      </div>
      {isMissing ? <Missing /> : null}
      {isHere || isMissing || thread?.state === 'failed' ? null : (
        <PostBones name={texts.feed.loading} posts={3} />
      )}
      {thread && !isMissing ? <Replies thread={thread} /> : null}
    </>
  );
}

/** The post stays where it is on the screen when what it answers arrives above it. */
function usePinned(above: number) {
  const pin = useRef<HTMLDivElement>(null);
  const before = useRef({ above, top: 0 });
  useLayoutEffect(() => {
    const top = (pin.current?.getBoundingClientRect().top ?? 0) + window.scrollY;
    if (before.current.above === 0 && above > 0 && before.current.top > 0)
      window.scrollBy(0, top - before.current.top);
    before.current = { above, top };
  });
  return pin;
}

function Ancestor({ id, first }: { id: string; first: boolean }) {
  const post = usePost(id);
  const author = useUser(post?.author_id);
  if (!post) return null;
  if (post.deleted) return <Tomb name={author?.display_name ?? ''} />;
  if (!author) return null;
  const knot = first && post.reply_to ? <ReplyKnot post={post} /> : null;
  return <PostView post={post} author={author} knot={knot} />;
}

function Missing() {
  return (
    <Empty
      title={texts.thread.notFoundTitle}
      actions={<Button onClick={() => navigate('/')}>{texts.nav.home}</Button>}
    >
      {texts.thread.notFound}
    </Empty>
  );
}

function Replies({ thread }: { thread: ThreadState }) {
  const actions = useActions();
  const drafts = useDrafts().filter((draft) => draft.reply_to === thread.post_id);
  const isFresh = useSince(thread);
  const more = () => actions.loadMoreReplies(thread.post_id);
  const retry = () => actions.openThread(thread.post_id);
  return (
    <section className="replies" aria-label={texts.thread.replies}>
      {thread.replies.map((id) => (
        <Reply key={id} id={id} to={thread.post_id} fresh={isFresh(id)} />
      ))}
      {[...drafts].reverse().map((draft) => (
        <DraftRow key={draft.key} draft={draft} />
      ))}
      {thread.state === 'more' ? <PostBones posts={2} name={texts.feed.loadingMore} /> : null}
      {thread.state === 'ready' && !thread.ended ? (
        <p className="replies-more">
          <Button onClick={more}>{texts.thread.moreReplies}</Button>
        </p>
      ) : null}
      {thread.state === 'failed' ? (
        <Empty
          drawing="cut"
          title={texts.feed.failedTitle}
          actions={
            <Button kind="lamp" onClick={retry}>
              {texts.tryAgain}
            </Button>
          }
        >
          {thread.refusal?.message}
        </Empty>
      ) : null}
    </section>
  );
}

interface ReplyProps {
  id: string;
  to: string;
  fresh: boolean;
}

function Reply({ id, to, fresh }: ReplyProps) {
  const post = usePost(id);
  const author = useUser(post?.author_id);
  if (!post) return null;
  if (post.deleted) return <Tomb name={author?.display_name ?? ''} />;
  if (!author) return null;
  const lit = fresh ? <Knot mark={<Lamp state="live" />}>{texts.post.fresh}</Knot> : null;
  const knot = post.reply_to === to ? lit : <ReplyKnot post={post} />;
  return <PostView post={post} author={author} knot={knot} fresh={fresh} />;
}

/** Whether a reply came after the thread was first there. */
function useSince(thread: ThreadState): (id: string) => boolean {
  const since = useRef<string | null>(null);
  if (since.current === null && thread.state === 'ready')
    since.current = thread.replies.at(-1) ?? thread.post_id;
  return (id) => since.current !== null && thread.ended && isNewer(id, since.current);
}
