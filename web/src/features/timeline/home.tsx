/** Home: the posts of those one follows, and one's own, newest first. */

import { navigate } from 'wouter/use-browser-location';
import { Head } from '../../app/head';
import { useTitle } from '../../app/title';
import { Empty } from '../../parts/empty';
import { useDrafts, useTimeline } from '../../store/hooks';
import { waitingCount } from '../../store/timelines';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { WiredComposer } from '../compose/wired';
import { Feed } from './feed';
import { Waiting } from './waiting';

export function Home() {
  const timeline = useTimeline('home');
  const drafts = useDrafts();
  useTitle(texts.titles.home, waitingCount(timeline));
  return (
    <>
      <Head title={texts.titles.home}>
        <Waiting timeline={timeline} />
      </Head>
      <WiredComposer slot="home" />
      <Feed
        list="home"
        timeline={timeline}
        drafts={drafts}
        name={texts.feed.home}
        empty={
          <Empty
            drawing="wire"
            title={texts.feed.emptyTitle}
            actions={<Button onClick={() => navigate('/explore')}>{texts.feed.look}</Button>}
          >
            {texts.feed.empty}
          </Empty>
        }
      />
    </>
  );
}
