/** What waits above: told in the head, shown when asked for. */

import './pill.css';

import { ArrowUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { texts } from '../texts/texts';
import { Icon } from '../ui/icon';

interface Props {
  count: number;
  /** Whose they are. */
  children?: ReactNode;
  onShow: () => void;
}

export function Pill({ count, children, onShow }: Props) {
  return (
    <button type="button" className="pill" data-key="." onClick={onShow}>
      {texts.feed.newPosts(count)}
      <span className="flags" aria-hidden="true">
        {children}
      </span>
      <Icon of={ArrowUp} />
    </button>
  );
}
