/** The navigation: a rail beside the feed, a bar below it on a narrow page. */

import type { LucideIcon } from 'lucide-react';
import { Bell, Compass, House, LogIn, Plus, Search, Settings2, UserRound } from 'lucide-react';
import { useLocation } from 'wouter';
import { openComposer } from '../features/compose/open';
import { Flag } from '../parts/flag';
import { Link } from '../parts/link';
import { useMe, useUnread } from '../store/hooks';
import { short } from '../texts/numbers';
import { texts } from '../texts/texts';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { Wordmark } from '../ui/wordmark';

interface ToProps {
  href: string;
  label: string;
  icon: LucideIcon;
  /** Not where the page has a place for it beside the feed. */
  narrow?: boolean;
  /** How many wait there. */
  waiting?: number;
}

function useCurrent(href: string): 'page' | undefined {
  const [location] = useLocation();
  return location === href ? 'page' : undefined;
}

function Badge({ n = 0 }: { n: number | undefined }) {
  if (n === 0) return null;
  return (
    <span className="badge">
      <span className="said">{texts.notices.badge}</span>
      {short(n)}
    </span>
  );
}

function To({ href, label, icon, waiting, narrow = false }: ToProps) {
  return (
    <Link
      className="to"
      href={href}
      aria-current={useCurrent(href)}
      data-narrow={narrow || undefined}
    >
      <Icon of={icon} />
      <span>{label}</span>
      <Badge n={waiting} />
    </Link>
  );
}

export function Rail() {
  const me = useMe();
  const unread = useUnread();
  return (
    <nav className="rail" aria-label={texts.nav.main}>
      <Link className="rail-mark" href={me ? '/' : '/explore'} aria-label={texts.name}>
        <Wordmark />
        <Wordmark size="mark" />
      </Link>
      {me ? (
        <>
          <To href="/" label={texts.nav.home} icon={House} />
          <To href="/explore" label={texts.nav.explore} icon={Compass} />
          <To href="/search" label={texts.search.title} icon={Search} narrow />
          <To href="/notices" label={texts.nav.notices} icon={Bell} waiting={unread} />
          <Mine />
          <To href="/settings" label={texts.nav.settings} icon={Settings2} />
          <Button kind="lamp" aria-label={texts.nav.writePost} onClick={() => openComposer({})}>
            <Icon of={Plus} />
            <span>{texts.nav.write}</span>
          </Button>
        </>
      ) : (
        <>
          <To href="/explore" label={texts.nav.explore} icon={Compass} />
          <To href="/search" label={texts.search.title} icon={Search} narrow />
          <To href="/login" label={texts.nav.signIn} icon={LogIn} />
        </>
      )}
    </nav>
  );
}

function Mine() {
  const me = useMe();
  const current = useCurrent(`/@${me?.name}`);
  if (!me) return null;
  return (
    <Link className="to" href={`/@${me.name}`} aria-current={current}>
      <Flag person={me} />
      <span>{texts.nav.you}</span>
    </Link>
  );
}

function BarTo({ href, label, icon, waiting }: ToProps) {
  return (
    <Link href={href} aria-current={useCurrent(href)}>
      <Icon of={icon} />
      <span>{label}</span>
      <Badge n={waiting} />
    </Link>
  );
}

export function Bar() {
  const me = useMe();
  const unread = useUnread();
  if (!me)
    return (
      <nav className="bar" data-visitor aria-label={texts.nav.below}>
        <BarTo href="/explore" label={texts.nav.explore} icon={Compass} />
        <BarTo href="/login" label={texts.nav.signIn} icon={LogIn} />
        <BarTo href="/register" label={texts.nav.register} icon={UserRound} />
      </nav>
    );
  return (
    <nav className="bar" aria-label={texts.nav.below}>
      <BarTo href="/" label={texts.nav.home} icon={House} />
      <BarTo href="/explore" label={texts.nav.explore} icon={Compass} />
      <button
        type="button"
        className="write"
        aria-label={texts.nav.writePost}
        onClick={() => openComposer({})}
      >
        <Icon of={Plus} />
      </button>
      <BarTo href="/notices" label={texts.nav.notices} icon={Bell} waiting={unread} />
      <BarTo href={`/@${me.name}`} label={texts.nav.you} icon={UserRound} />
      <BarTo href="/settings" label={texts.nav.settings} icon={Settings2} />
    </nav>
  );
}
