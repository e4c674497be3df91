/** Who reacted, who retweeted: opened over the page, loaded when first asked for. */

import { lazy } from 'react';
import { show } from '../../ui/overlay';

const Reactions = lazy(() => import('./reactions').then((m) => ({ default: m.Reactions })));
const Retweeters = lazy(() => import('./retweeters').then((m) => ({ default: m.Retweeters })));

export function openReactions(postId: string): void {
  show((close) => <Reactions postId={postId} close={close} />);
}

export function openRetweeters(postId: string): void {
  show((close) => <Retweeters postId={postId} close={close} />);
}
