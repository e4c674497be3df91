/** What was done to me, newest first: live, and read as soon as it is seen. */

import './notices.css';

import { useEffect, useRef } from 'react';
import { Head } from '../../app/head';
import { useTitle } from '../../app/title';
import { Empty } from '../../parts/empty';
import { PostBones } from '../../parts/skeleton';
import { useActions, useNotices, useUnread } from '../../store/hooks';
import { isNewer } from '../../store/ids';
import type { Notices } from '../../store/types';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import type { Notice } from '../../wire/protocol';
import { NoticeRow } from './row';

/** So long one looks at what is new before it counts as seen. */
const SEEN_MS = 800;

export function NoticesPage() {
  const { rows, list } = useNotices();
  const since = useSince(list);
  useTitle(texts.titles.notices);
  useSeen(rows[0]?.id);
  const fresh = rows.filter((row) => isNewer(row.id, since));
  const earlier = rows.filter((row) => !isNewer(row.id, since));
  return (
    <>
      <Head title={texts.titles.notices} />
      {fresh.length > 0 ? <Part title={texts.notices.fresh} rows={fresh} unread /> : null}
      {earlier.length > 0 ? (
        <Part title={fresh.length > 0 ? texts.notices.earlier : null} rows={earlier} />
      ) : null}
      <Foot list={list} isEmpty={rows.length === 0} />
    </>
  );
}

/** What was unread when the page opened stays marked as new until one leaves. */
function useSince(list: Notices): string {
  const since = useRef<string | null>(null);
  const isKnown = list.seq > 0 || list.state === 'ready';
  if (since.current === null && isKnown) since.current = list.upTo;
  return since.current ?? list.upTo;
}

/** What stands here is read, once somebody can have looked at it. */
function useSeen(newest: string | undefined): void {
  const actions = useActions();
  const unread = useUnread();
  useEffect(() => {
    if (newest === undefined || unread === 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      if (!document.hidden) timer = setTimeout(actions.readNotices, SEEN_MS);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [actions, newest, unread]);
}

interface PartProps {
  title: string | null;
  rows: readonly Notice[];
  unread?: boolean;
}

function Part({ title, rows, unread = false }: PartProps) {
  return (
    <section className="notices" aria-label={title ?? texts.titles.notices}>
      {title ? (
        <h2 className="wired day">
          <span className="lamp" data-state={unread ? 'live' : undefined} aria-hidden="true" />
          <span>{title}</span>
        </h2>
      ) : null}
      {rows.map((notice) => (
        <NoticeRow key={notice.id} notice={notice} unread={unread} />
      ))}
    </section>
  );
}

function Foot({ list, isEmpty }: { list: Notices; isEmpty: boolean }) {
  const actions = useActions();
  if (list.state === 'failed')
    return (
      <Empty
        drawing="cut"
        title={texts.notices.failedTitle}
        actions={
          <Button kind="lamp" onClick={actions.loadMoreNotices}>
            {texts.tryAgain}
          </Button>
        }
      >
        {list.refusal?.message}
      </Empty>
    );
  if (list.state === 'empty' || list.state === 'loading')
    return <PostBones name={texts.notices.loading} />;
  if (isEmpty && list.ended)
    return (
      <Empty drawing="wire" title={texts.notices.emptyTitle}>
        {texts.notices.empty}
      </Empty>
    );
  if (list.ended) return <p className="notices-end faint">{texts.notices.end}</p>;
  return (
    <p className="notices-end">
      <Button busy={list.state === 'more'} onClick={actions.loadMoreNotices}>
        {texts.more}
      </Button>
    </p>
  );
}
