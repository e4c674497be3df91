/** Draw a piece of the product on a store with known contents. */

import { cleanup, render } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { afterEach } from 'vitest';
import type { Actions } from '../store/api';
import { RealtimeContext } from '../store/hooks';
import type { State } from '../store/types';
import { realtimeWith, state } from './fixture';

afterEach(cleanup);

export function draw(what: ReactNode, holds: Partial<State> = {}, actions: Partial<Actions> = {}) {
  const realtime = realtimeWith(state(holds), actions);
  const wrapper = ({ children }: { children: ReactNode }) => (
    <RealtimeContext value={realtime}>{children}</RealtimeContext>
  );
  const page = render(what, { wrapper });
  return { ...page, store: realtime.store, user: userEvent.setup() };
}
