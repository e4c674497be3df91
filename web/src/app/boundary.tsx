/** What breaks in one page breaks that page alone, and says so. */

import { Component, type ReactNode } from 'react';
import { Empty } from '../parts/empty';
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
    if (!this.state.broken) return this.props.children;
    return (
      <Empty
        drawing="cut"
        title={texts.broken.title}
        actions={
          <Button kind="lamp" onClick={() => location.reload()}>
            {texts.broken.again}
          </Button>
        }
      >
        {texts.broken.what}
      </Empty>
    );
  }
}
