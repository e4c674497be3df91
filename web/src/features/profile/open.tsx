/** Open the profile to be edited; loaded when first asked for. */

import { lazy } from 'react';
import { show } from '../../ui/overlay';

const Edit = lazy(() => import('./edit').then((module) => ({ default: module.Edit })));

export function openEdit(): void {
  show((close) => <Edit close={close} />);
}
