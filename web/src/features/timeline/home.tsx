/** Home: the posts of those one follows, and one's own, newest first. */

import { navigate } from 'wouter/use-browser-location';
import { Head } from '../../app/head';
import { useTitle } from '../../app/title';
import { Empty } from '../../parts/empty';
import { useDrafts, useIsAlone, useTimeline } from '../../store/hooks';
import { waitingCount } from '../../store/timelines';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { WiredComposer } from '../compose/wired';
import { Feed } from './feed';
import { Waiting } from './waiting';

export function Home() {
  const isAlone = useIsAlone();
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
        after={isAlone ? <Alone /> : null}
        empty={
          <Empty drawing="wire" title={texts.feed.emptyTitle} actions={<LookAround />}>
            {texts.feed.empty}
          </Empty>
        }
      />
    </>
  );
}

/** For whoever has written but follows nobody yet: where the others are. */
function Alone() {
  return (
    <Empty title={texts.feed.emptyTitle} actions={<LookAround />}>
      {texts.feed.empty}
    </Empty>
  );
}

function LookAround() {
  return <Button onClick={() => navigate('/explore')}>{texts.feed.look}</Button>;
}
