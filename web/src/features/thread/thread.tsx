/** A post in its conversation: what it answers above, its replies below, live. */

import './thread.css';

import { useCallback, useEffect, useMemo, useState } from 'react';
import { navigate } from 'wouter/use-browser-location';
import { Head } from '../../app/head';
import { useTitle } from '../../app/title';
import { Empty } from '../../parts/empty';
import { PostBones } from '../../parts/skeleton';
import { useDrafts, usePost, useThread, useThreads, useUser } from '../../store/hooks';
import type { Draft, Id, Thread as ThreadState } from '../../store/types';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { Rows } from '../../ui/rows';
import { type ThreadItem, threadItems } from './thread-items';
import { ThreadRow } from './thread-row';

const keyOf = (item: ThreadItem) => item.key;

const GUESS_PX: Record<ThreadItem['kind'], number> = {
  ancestor: 170,
  focal: 360,
  reply: 150,
  draft: 120,
  more: 96,
  failed: 240,
  bones: 300,
};
const guess = (item: ThreadItem) => GUESS_PX[item.kind];

export function Thread({ id }: { id: Id }) {
  const thread = useThread(id);
  const post = usePost(id);
  const author = useUser(post?.author_id);
  useTitle(
    post && author ? texts.titles.post(author.display_name, post.text) : texts.titles.thread,
  );
  const isHere = post !== undefined && (post.deleted || author !== undefined);
  return (
    <>
      <Head title={texts.titles.thread} back />
      {thread?.state === 'missing' ? (
        <Missing />
      ) : isHere || thread?.state === 'failed' ? (
        <Conversation id={id} thread={thread} />
      ) : (
        <PostBones name={texts.feed.loading} posts={3} />
      )}
    </>
  );
}

function Conversation({ id, thread }: { id: Id; thread: ThreadState | undefined }) {
  const [open, setOpen] = useState<ReadonlySet<Id>>(() => new Set());
  const threads = useThreads([...open]);
  const drafts = useDrafts();
  useUnfolded(threads, drafts, id, setOpen);
  const items = useMemo(
    () => threadItems({ postId: id, threads, open, drafts }),
    [id, threads, open, drafts],
  );
  const draw = useCallback(
    (item: ThreadItem) => (
      <ThreadRow
        item={item}
        postId={id}
        onOpen={(reply) => setOpen((before) => new Set(before).add(reply))}
      />
    ),
    [id],
  );
  return (
    <Rows
      rows={items}
      keyOf={keyOf}
      guess={guess}
      name={texts.titles.thread}
      role="region"
      held={id}
      ended={thread?.ended ?? false}
      busy={thread?.state === 'loading' || thread?.state === 'more'}
      draw={draw}
    />
  );
}

/** Whoever answers a reply sees their answer below it, at once. */
function useUnfolded(
  threads: ReadonlyMap<Id, ThreadState>,
  drafts: readonly Draft[],
  id: Id,
  setOpen: (turn: (open: ReadonlySet<Id>) => ReadonlySet<Id>) => void,
) {
  useEffect(() => {
    const answered = drafts.flatMap((draft) => draft.reply_to ?? []);
    setOpen((open) => {
      const shown = [id, ...open].flatMap((each) => threads.get(each)?.replies ?? []);
      const more = answered.filter((reply) => shown.includes(reply) && !open.has(reply));
      return more.length === 0 ? open : new Set([...open, ...more]);
    });
  }, [threads, drafts, id, setOpen]);
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
