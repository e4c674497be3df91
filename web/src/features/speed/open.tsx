/** The panel of figures, loaded when it is first asked for. */

import { lazy } from 'react';
import { show } from '../../ui/overlay';

const Panel = lazy(() => import('./panel').then((module) => ({ default: module.Panel })));

export function openSpeed(): void {
  show((close) => <Panel close={close} />);
}
