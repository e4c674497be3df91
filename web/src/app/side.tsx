/** Beside the feed on a wide page: who one is here, and the way to what is seldom needed. */

import '../parts/facts.css';
import '../parts/person.css';
import '../ui/keyboard.css';
import './side.css';

import { useLocation } from 'wouter';
import { openKeys } from '../features/keys/open';
import { SearchField } from '../features/search/field';
import { Flag } from '../parts/flag';
import { Link } from '../parts/link';
import { useAccount, useMe } from '../store/hooks';
import type { Person } from '../store/types';
import { number } from '../texts/numbers';
import { texts } from '../texts/texts';

export function Side() {
  const account = useAccount();
  const me = useMe();
  const [path] = useLocation();
  return (
    <aside className="side" aria-label={texts.nav.beside}>
      {path === '/search' ? null : <SearchField />}
      {account.state === 'out' ? <Join /> : null}
      {me ? <Mine me={me} /> : null}
      <p className="small">
        <button type="button" onClick={openKeys}>
          <kbd className="key">?</kbd> {texts.keys.title}
        </button>
        <Link href="/docs">{texts.nav.protocol}</Link>
      </p>
    </aside>
  );
}

function Join() {
  return (
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
  );
}

function Mine({ me }: { me: Person }) {
  const about = me.about;
  return (
    <section className="panel join" aria-label={texts.nav.you}>
      <div className="person">
        <Flag person={me} />
        <Link className="who" href={`/@${me.name}`}>
          <b>
            <bdi>{me.display_name}</bdi>
          </b>
          <span className="faint">
            <bdi>@{me.name}</bdi>
          </span>
        </Link>
      </div>
      {about ? (
        <p className="facts">
          <Link href={`/@${me.name}/followers`}>
            <b className="num">{number(about.followers)}</b>{' '}
            {texts.profile.followers(about.followers)}
          </Link>
          <Link href={`/@${me.name}/following`}>
            <b className="num">{number(about.following)}</b> {texts.profile.following}
          </Link>
        </p>
      ) : null}
    </section>
  );
}
