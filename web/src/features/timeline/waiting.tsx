/** What waits above the reader, for the head; said together, never one by one. */

import { useEffect, useState } from 'react';
import { Flag } from '../../parts/flag';
import { Pill } from '../../parts/pill';
import { useActions, useUser } from '../../store/hooks';
import { waitingCount } from '../../store/timelines';
import type { Timeline } from '../../store/types';
import { texts } from '../../texts/texts';

const SAID_EVERY_MS = 4_000;

export function Waiting({ timeline }: { timeline: Timeline | undefined }) {
  const actions = useActions();
  const count = waitingCount(timeline);
  const said = useSettled(count);
  return (
    <>
      <span className="said" role="status">
        {said > 0 ? texts.feed.newPosts(said) : ''}
      </span>
      {timeline && count > 0 ? (
        <Pill
          count={count}
          onShow={() => {
            actions.showNew(timeline.key);
            window.scrollTo({ top: 0 });
            document.getElementById('posts')?.focus({ preventScroll: true });
          }}
        >
          {timeline.waitingAuthors.map((id) => (
            <SmallFlag key={id} id={id} />
          ))}
        </Pill>
      ) : null}
    </>
  );
}

function SmallFlag({ id }: { id: string }) {
  const person = useUser(id);
  return person ? <Flag person={person} size="1.25rem" /> : null;
}

/** `count`, but not more often than one can listen to. */
function useSettled(count: number): number {
  const [said, setSaid] = useState(0);
  useEffect(() => {
    if (count === 0) return setSaid(0);
    const timer = setTimeout(() => setSaid(count), SAID_EVERY_MS);
    return () => clearTimeout(timer);
  }, [count]);
  return said;
}
