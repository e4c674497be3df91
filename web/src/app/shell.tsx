/** The page around every page but the door: rail, feed, side, the bar below. */

import './shell.css';
import '../parts/person.css';

import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { SearchField } from '../features/search/field';
import { Link } from '../parts/link';
import { useAccount } from '../store/hooks';
import { texts } from '../texts/texts';
import { Bar, Rail } from './rail';
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
    </div>
  );
}

function Side() {
  const account = useAccount();
  const [path] = useLocation();
  return (
    <aside className="side" aria-label={texts.nav.beside}>
      {path === '/search' ? null : <SearchField />}
      {account.state === 'out' ? (
        <section className="panel join">
          <h2>{texts.account.reading}</h2>
          <p>{texts.account.welcome}</p>
          <Link className="button" data-kind="lamp" href="/register">
            {texts.nav.register}
          </Link>
          <Link className="button" href="/login">
            {texts.nav.signIn}
          </Link>
        </section>
      ) : null}
      <p className="small">
        <Link href="/docs">{texts.nav.protocol}</Link>
      </p>
    </aside>
  );
}
