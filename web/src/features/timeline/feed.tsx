/** A timeline: what is on its way, what is there, what is missing, where it ends. */

import { type ReactNode, useCallback, useMemo, useRef } from 'react';
import { Empty } from '../../parts/empty';
import { Gap, WireEnd } from '../../parts/post';
import { PostBones } from '../../parts/skeleton';
import { useActions, usePost } from '../../store/hooks';
import type {
  Draft,
  Entry,
  Gap as GapRow,
  Refusal,
  Row,
  Timeline,
  TimelineKey,
} from '../../store/types';
import { clock, exactly } from '../../texts/numbers';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { Rows } from '../../ui/rows';
import { PASSING } from '../../ui/scroll-memory';
import { DraftRow } from './draft';
import { EntryRow } from './entry';
import { useAtTop } from './use-at-top';

interface Props {
  list: TimelineKey;
  timeline: Timeline | undefined;
  name: string;
  drafts?: readonly Draft[];
  /** What stands here when there is nothing. */
  empty: ReactNode;
  /** What stands below the last post of all. */
  after?: ReactNode;
}

type Item =
  | { key: string; kind: 'draft'; draft: Draft }
  | { key: string; kind: 'entry'; entry: Entry; fresh: boolean }
  | { key: string; kind: 'gap'; gap: GapRow; above: string | null; below: string | null }
  | { key: string; kind: 'bones' }
  | { key: string; kind: 'end' }
  | { key: string; kind: 'failed' };

const NO_DRAFTS: readonly Draft[] = [];
const NOTHING: Pick<Timeline, 'rows' | 'state' | 'ended'> = {
  rows: [],
  state: 'empty',
  ended: false,
};

const GUESS_PX: Record<Item['kind'], number> = {
  draft: 120,
  entry: 190,
  gap: 84,
  bones: 300,
  end: 64,
  failed: 180,
};

export function Feed({ list, timeline, name, drafts = NO_DRAFTS, empty, after = null }: Props) {
  const actions = useActions();
  const isFresh = useFresh(timeline);
  useAtTop(list);
  const { rows, state, ended } = timeline ?? NOTHING;
  // What only waits draws nothing again.
  const items = useMemo(
    () => itemsOf(rows, state, ended, drafts, isFresh),
    [rows, state, ended, drafts, isFresh],
  );
  const more = useCallback(() => actions.loadMore(list), [actions, list]);
  const nearEnd = useCallback(() => {
    if (state === 'ready' && !ended) more();
  }, [state, ended, more]);
  const refusal = timeline?.refusal ?? null;
  const draw = useCallback(
    (item: Item) => <Drawn item={item} list={list} refusal={refusal} onMore={more} />,
    [list, refusal, more],
  );

  const bare = !timeline || (timeline.rows.length === 0 && drafts.length === 0);
  if (bare && timeline?.state === 'failed') return <Failed refusal={refusal} onAgain={more} />;
  if (bare && timeline?.state === 'ready' && timeline.ended) return empty;
  if (bare) return <PostBones name={texts.feed.loading} />;
  return (
    <>
      <Rows
        rows={items}
        keyOf={keyOf}
        guess={guess}
        name={name}
        busy={state === 'loading' || state === 'more'}
        ended={ended}
        onNearEnd={nearEnd}
        draw={draw}
      />
      {ended ? after : null}
    </>
  );
}

const keyOf = (item: Item) => item.key;
const guess = (item: Item) => GUESS_PX[item.kind];

interface DrawnProps {
  item: Item;
  list: TimelineKey;
  refusal: Refusal | null;
  onMore: () => void;
}

function Drawn({ item, list, refusal, onMore }: DrawnProps) {
  if (item.kind === 'entry') return <EntryRow entry={item.entry} fresh={item.fresh} />;
  if (item.kind === 'draft') return <DraftRow draft={item.draft} />;
  // A feed holds articles and nothing else.
  return (
    <article>
      {item.kind === 'gap' ? <GapView item={item} list={list} /> : null}
      {item.kind === 'bones' ? <PostBones posts={2} name={texts.feed.loadingMore} /> : null}
      {item.kind === 'end' ? <WireEnd>{texts.feed.end}</WireEnd> : null}
      {item.kind === 'failed' ? <Failed refusal={refusal} onAgain={onMore} /> : null}
    </article>
  );
}

interface GapProps {
  item: Extract<Item, { kind: 'gap' }>;
  list: TimelineKey;
}

function GapView({ item: { gap, above, below }, list }: GapProps) {
  const actions = useActions();
  const newer = usePost(above);
  const older = usePost(below);
  const words =
    newer && older
      ? texts.feed.gapBetween(momentOf(older.created_at), momentOf(newer.created_at))
      : texts.feed.gap;
  return (
    <Gap
      action={
        <Button busy={gap.loading} onClick={() => actions.loadGap(list, gap.id)}>
          {texts.feed.loadGap}
        </Button>
      }
    >
      {words}
    </Gap>
  );
}

/** The hour; with the day unless it was today. */
function momentOf(at: string): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? clock(date) : exactly(date, Date.now());
}

function Failed({ refusal, onAgain }: { refusal: Refusal | null; onAgain: () => void }) {
  const isOffline = refusal?.code === 'offline';
  return (
    <Empty
      drawing="cut"
      title={texts.feed.failedTitle}
      actions={
        <Button kind="lamp" onClick={onAgain}>
          {texts.tryAgain}
        </Button>
      }
    >
      {isOffline ? texts.feed.offline : (refusal?.message ?? texts.feed.failed)}
    </Empty>
  );
}

function itemsOf(
  rows: readonly Row[],
  state: Timeline['state'],
  ended: boolean,
  drafts: readonly Draft[],
  isFresh: (entry: Entry) => boolean,
): Item[] {
  const items: Item[] = drafts.map((draft) => ({ key: draft.key, kind: 'draft', draft }));
  const post = (index: number) => {
    const row = rows[index];
    return row?.kind === 'entry' ? row.post_id : null;
  };
  for (const [index, row] of rows.entries()) {
    if (row.kind === 'gap') {
      const between = { above: post(index - 1), below: post(index + 1) };
      items.push({ key: `gap ${row.id}`, kind: 'gap', gap: row, ...between });
    } else items.push({ key: row.post_id, kind: 'entry', entry: row, fresh: isFresh(row) });
  }
  if (state === 'more' || state === 'loading')
    items.push({ key: `${PASSING}bones`, kind: 'bones' });
  else if (state === 'failed') items.push({ key: `${PASSING}failed`, kind: 'failed' });
  else if (ended) items.push({ key: `${PASSING}end`, kind: 'end' });
  return items;
}

/** Whether an entry came after the list was first there: those fade in. */
function useFresh(timeline: Timeline | undefined): (entry: Entry) => boolean {
  const first = useRef<string | null>(null);
  const newest = timeline?.rows.find((row) => row.kind === 'entry')?.id;
  if (first.current === null && newest !== undefined) first.current = newest;
  return useCallback((entry: Entry) => {
    const from = first.current;
    if (from === null) return false;
    return entry.id.length > from.length || (entry.id.length === from.length && entry.id > from);
  }, []);
}
