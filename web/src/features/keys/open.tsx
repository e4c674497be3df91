/** The sheet of keys, loaded when it is first asked for. */

import { lazy } from 'react';
import { show } from '../../ui/overlay';

const Sheet = lazy(() => import('./sheet').then((module) => ({ default: module.Sheet })));

export function openKeys(): void {
  show((close) => <Sheet close={close} />);
}
