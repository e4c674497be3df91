/** Explore: recent posts by anyone, also for visitors. */

import { Search } from 'lucide-react';
import { Head } from '../../app/head';
import { useTitle } from '../../app/title';
import { Empty } from '../../parts/empty';
import { Link } from '../../parts/link';
import { useTimeline } from '../../store/hooks';
import { waitingCount } from '../../store/timelines';
import { texts } from '../../texts/texts';
import { Icon } from '../../ui/icon';
import { Feed } from './feed';
import { Waiting } from './waiting';

export function Explore() {
  const timeline = useTimeline('explore');
  useTitle(texts.titles.explore, waitingCount(timeline));
  return (
    <>
      <Head title={texts.titles.explore}>
        <Waiting timeline={timeline} />
        <Link className="act to-search" href="/search" aria-label={texts.search.title}>
          <Icon of={Search} />
        </Link>
      </Head>
      <Feed
        list="explore"
        timeline={timeline}
        name={texts.feed.explore}
        empty={
          <Empty drawing="wire" title={texts.feed.emptyTitle}>
            {texts.feed.emptyExplore}
          </Empty>
        }
      />
    </>
  );
}
