/** The whole product: which page is shown, and what lies over it. */

import { lazy, Suspense, useEffect, useLayoutEffect, useRef } from 'react';
import { useLocation, useSearch } from 'wouter';
import { navigate } from 'wouter/use-browser-location';
import { returnToStop } from '../features/keys/stops';
import { useKeys } from '../features/keys/use-keys';
import { Explore } from '../features/timeline/explore';
import { Home } from '../features/timeline/home';
import { Empty } from '../parts/empty';
import { PostBones } from '../parts/skeleton';
import { useAccount } from '../store/hooks';
import type { Account } from '../store/types';
import { texts } from '../texts/texts';
import { Button } from '../ui/button';
import { hideAll, Overlays } from '../ui/overlay';
import { settle } from '../ui/scroll-memory';
import { Toasts } from '../ui/toasts';
import { Announcer } from './announcer';
import { Boundary } from './boundary';
import { Head } from './head';
import { OutboxNotes } from './outbox-notes';
import { pageKey, type Route, routeOf } from './route';
import { Shell } from './shell';
import { useTitle } from './title';

const SignIn = lazy(() =>
  import('../features/account/sign-in').then((m) => ({ default: m.SignIn })),
);
const Register = lazy(() =>
  import('../features/account/register').then((m) => ({ default: m.Register })),
);
const Settings = lazy(() =>
  import('../features/settings/settings').then((m) => ({ default: m.Settings })),
);
const Docs = lazy(() => import('../features/docs/docs').then((m) => ({ default: m.Docs })));
const loadThread = () => import('../features/thread/thread').then((m) => ({ default: m.Thread }));
const loadProfile = () =>
  import('../features/profile/profile').then((m) => ({ default: m.Profile }));
const Thread = lazy(loadThread);
const Profile = lazy(loadProfile);
const SearchPage = lazy(() =>
  import('../features/search/page').then((m) => ({ default: m.SearchPage })),
);
const NoticesPage = lazy(() =>
  import('../features/notices/page').then((m) => ({ default: m.NoticesPage })),
);
const PeoplePage = lazy(() =>
  import('../features/people/page').then((m) => ({ default: m.PeoplePage })),
);

/** The next page is most likely one of these: have them before they are asked for. */
function expectPages(): void {
  void loadThread()
    .then(loadProfile)
    .catch(() => undefined);
}

/** Where to go instead, if this page is not for who is (or is not) signed in. */
function detour(route: Route, account: Account, wasIn: boolean): string | null {
  const isDoor = route.page === 'login' || route.page === 'register';
  if (account.state === 'in') return isDoor ? '/' : null;
  if (account.state !== 'out') return null;
  // Whoever has never been in here looks around first.
  if (route.page === 'home') return wasIn ? '/login' : '/explore';
  return route.page === 'notices' || route.page === 'settings' ? '/login' : null;
}

export function App() {
  const [path] = useLocation();
  const route = routeOf(path);
  const account = useAccount();
  const wasIn = useRef(false);
  if (account.state === 'in') wasIn.current = true;
  const instead = detour(route, account, wasIn.current);
  useEffect(() => {
    if (instead) navigate(instead, { replace: true });
  }, [instead]);
  usePageChange(`${path}?${useSearch()}`, pageKey(route), account);
  useKeys();
  useEffect(() => {
    const timer = setTimeout(expectPages, 1_500);
    return () => clearTimeout(timer);
  }, []);
  const isDoor = route.page === 'login' || route.page === 'register';
  const isWhole = isDoor || route.page === 'docs';
  const page = (
    <Boundary key={`${isWhole ? '' : account.user_id} ${pageKey(route)}`}>
      <Suspense fallback={isWhole ? null : <PostBones name={texts.loading} />}>
        {instead ? null : <Page route={route} account={account} />}
      </Suspense>
    </Boundary>
  );
  return (
    <>
      {isWhole ? page : <Shell>{page}</Shell>}
      <OutboxNotes />
      <Overlays />
      <Toasts />
      <Announcer />
    </>
  );
}

/** A new page begins where it was left, with nothing over it, and with the focus in it. */
function usePageChange(path: string, key: string, account: Account): void {
  const before = useRef<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each address has a place of its own.
  useLayoutEffect(() => {
    settle();
    if (before.current !== null && before.current !== key) {
      hideAll();
      focusPage();
    }
    before.current = key;
  }, [path, key]);
  const isKnown = account.state !== 'unknown';
  const who = useRef<string | null | undefined>(undefined);
  useLayoutEffect(() => {
    if (!isKnown) return;
    // What one account has begun in a dialog is not for the next to send.
    if (who.current !== undefined && who.current !== account.user_id) hideAll();
    who.current = account.user_id;
  }, [isKnown, account.user_id]);
}

/** So long the post that one left from is looked for. */
const RETURN_MS = 1_000;

/** Into the page; on the way back, to the post that one went away from. */
function focusPage(): void {
  if (returnToStop()) return;
  const page = document.getElementById('posts');
  page?.focus({ preventScroll: true });
  // Rows that come back may be drawn some frames later; meanwhile the reader may have gone elsewhere.
  const until = performance.now() + RETURN_MS;
  const tryAgain = () => {
    if (document.activeElement !== page || returnToStop()) return;
    if (performance.now() < until) requestAnimationFrame(tryAgain);
  };
  requestAnimationFrame(tryAgain);
}

function Page({ route, account }: { route: Route; account: Account }) {
  if (route.page === 'docs') return <Docs />;
  // Who it is decides what home, posts and profiles look like: wait for that, it takes one answer.
  if (account.state === 'unknown') return <Unknown route={route} />;
  switch (route.page) {
    case 'home':
      return <Home />;
    case 'explore':
      return <Explore />;
    case 'post':
      return <Thread id={route.id} />;
    case 'profile':
      return <Profile name={route.name} tab={route.tab} />;
    case 'people':
      return <PeoplePage name={route.name} direction={route.direction} />;
    case 'search':
      return <SearchPage />;
    case 'notices':
      return <NoticesPage />;
    case 'settings':
      return <Settings />;
    case 'login':
      return <SignIn />;
    case 'register':
      return <Register />;
    default:
      return <Missing />;
  }
}

const HEADS: Partial<Record<Route['page'], string>> = {
  home: texts.titles.home,
  explore: texts.titles.explore,
  post: texts.titles.thread,
  search: texts.search.title,
  notices: texts.titles.notices,
  settings: texts.titles.settings,
};

function Unknown({ route }: { route: Route }) {
  if (route.page === 'login' || route.page === 'register') return null;
  return (
    <>
      <Head
        title={HEADS[route.page] ?? ''}
        back={!['home', 'explore', 'notices'].includes(route.page)}
      />
      <PostBones name={texts.loading} />
    </>
  );
}

function Missing() {
  useTitle(texts.titles.notFound);
  return (
    <>
      <Head title={texts.titles.notFound} back quiet />
      <Empty
        title={texts.notFound.title}
        actions={<Button onClick={() => navigate('/')}>{texts.notFound.home}</Button>}
      >
        {texts.notFound.what}
      </Empty>
    </>
  );
}
