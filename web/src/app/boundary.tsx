/** What breaks in one page breaks that page alone, and says so. */

import { Component, type ReactNode, useEffect, useState } from 'react';
import { Empty } from '../parts/empty';
import { useConnection } from '../store/hooks';
import { texts } from '../texts/texts';
import { Button } from '../ui/button';

interface Props {
  children: ReactNode;
}

export class Boundary extends Component<Props, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}

/** A part that could not be fetched without a connection is no fault: it comes with the connection. */
function Broken() {
  const { state, wasLive } = useConnection();
  const isLive = state === 'live';
  const [wasAway] = useState(wasLive && !isLive);
  useEffect(() => {
    if (wasAway && isLive) location.reload();
  }, [wasAway, isLive]);
  return (
    <Empty
      drawing="cut"
      title={wasAway ? texts.feed.failedTitle : texts.broken.title}
      actions={
        wasAway ? null : (
          <Button kind="lamp" onClick={() => location.reload()}>
            {texts.broken.again}
          </Button>
        )
      }
    >
      {wasAway ? texts.feed.offline : texts.broken.what}
    </Empty>
  );
}
