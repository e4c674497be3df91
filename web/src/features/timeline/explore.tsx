/** Explore: recent posts by anyone, also for visitors. */

import { Head } from '../../app/head';
import { useTitle } from '../../app/title';
import { Empty } from '../../parts/empty';
import { useTimeline } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { Feed } from './feed';
import { Waiting } from './waiting';

export function Explore() {
  const timeline = useTimeline('explore');
  useTitle(texts.titles.explore, timeline?.waiting.length ?? 0);
  return (
    <>
      <Head title={texts.titles.explore}>
        <Waiting timeline={timeline} />
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
