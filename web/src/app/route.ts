/** Addresses: what page a path is. */

import type { Tab } from '../features/profile/tabs';

export type Route =
  | {
      page:
        | 'home'
        | 'explore'
        | 'notices'
        | 'search'
        | 'settings'
        | 'login'
        | 'register'
        | 'docs'
        | 'missing';
    }
  | { page: 'post'; id: string }
  | { page: 'profile'; name: string; tab: Tab }
  | { page: 'people'; name: string; direction: 'followers' | 'following' };

const PLAIN: Readonly<Record<string, Route>> = {
  '/': { page: 'home' },
  '/explore': { page: 'explore' },
  '/search': { page: 'search' },
  '/notices': { page: 'notices' },
  '/settings': { page: 'settings' },
  '/login': { page: 'login' },
  '/register': { page: 'register' },
  '/docs': { page: 'docs' },
};

const POST = /^\/post\/([0-9]{1,20})$/;
const PERSON = /^\/@([A-Za-z0-9_]{2,30})(?:\/([a-z]+))?$/;

export function routeOf(address: string): Route {
  const path = address.length > 1 ? address.replace(/\/+$/, '') : address;
  const plain = PLAIN[path];
  if (plain) return plain;
  const post = POST.exec(path);
  if (post?.[1]) return { page: 'post', id: post[1] };
  const person = PERSON.exec(path);
  const name = person?.[1]?.toLowerCase();
  if (!name) return { page: 'missing' };
  const part = person?.[2];
  if (part === undefined) return { page: 'profile', name, tab: 'posts' };
  if (part === 'pictures' || part === 'reactions') return { page: 'profile', name, tab: part };
  if (part === 'followers' || part === 'following')
    return { page: 'people', name, direction: part };
  return { page: 'missing' };
}

/** Two addresses of one page: going between them starts nothing afresh. */
export function pageKey(route: Route): string {
  if (route.page === 'post') return `post ${route.id}`;
  if (route.page === 'profile') return `profile ${route.name}`;
  if (route.page === 'people') return `people ${route.name}`;
  return route.page;
}
