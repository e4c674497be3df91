/** The page around every page but the door: rail, feed, side, the bar below. */

import './shell.css';

import type { ReactNode } from 'react';
import { texts } from '../texts/texts';
import { Arrivals } from './arrivals';
import { Bar, Rail } from './rail';
import { Side } from './side';
import { useWire } from './use-wire';

export function Shell({ children }: { children: ReactNode }) {
  const wire = useWire();
  return (
    <div data-connection={wire.note ? 'off' : undefined}>
      <a className="button skip" href="#posts">
        {texts.nav.skip}
      </a>
      <div className="shell">
        <Rail />
        <main className="feed" id="posts" tabIndex={-1}>
          {children}
        </main>
        <Side />
      </div>
      <Bar />
      <Arrivals />
    </div>
  );
}
