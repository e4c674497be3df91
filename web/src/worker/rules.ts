/** Which requests the service worker answers, and what it keeps. Pure. */

/** What a build is made of; the build writes it into the worker. */
export interface Build {
  /** Differs whenever a file does. */
  readonly version: string;
  /** What any page needs to begin, beside the page itself. */
  readonly first: readonly string[];
  /** The rest, fetched when nobody waits for anything. */
  readonly later: readonly string[];
}

export type Answer =
  /** The page: of the server if it answers soon, else the kept one. */
  | 'page'
  /** Never changes: the kept one, else of the server, and kept. */
  | 'file'
  /** May change with each build: of the server, else the kept one. */
  | 'named'
  /** A picture: like a file, but bounded. */
  | 'picture'
  /** None of our business. */
  | 'pass';

export interface Asked {
  readonly method: string;
  readonly url: string;
  /** It is a page that somebody goes to. */
  readonly isPage: boolean;
  /** Only a part of the file is wanted. */
  readonly isRange: boolean;
}

export const PAGE = '/';
export const NAMED: readonly string[] = [
  '/theme.js',
  '/favicon.svg',
  '/icon-192.png',
  '/icon-512.png',
  '/manifest.webmanifest',
];
/** Longer than this nobody waits for a server while a page is at hand. */
export const PATIENCE_MS = 2_500;
export const PICTURES = 'realtime-pictures';
export const PICTURES_BYTES = 48 * 2 ** 20;
const BUILDS = 'realtime-build-';
/** An older page may be open still, and asks for its own files. */
const BUILDS_KEPT = 2;

/** Addresses that the server answers with something else than the page. */
const SERVERS = /^\/(?:api|media|ws|docs|healthz|readyz|metrics)(?:\/|$)/;

export function answerTo(asked: Asked, origin: string): Answer {
  const url = new URL(asked.url, origin);
  if (asked.method !== 'GET' || url.origin !== origin) return 'pass';
  const { pathname } = url;
  if (pathname.startsWith('/media/')) return asked.isRange || asked.isPage ? 'pass' : 'picture';
  if (SERVERS.test(pathname)) return 'pass';
  if (asked.isPage) return isFile(pathname) ? 'pass' : 'page';
  if (asked.isRange) return 'pass';
  if (pathname.startsWith('/assets/')) return 'file';
  return NAMED.includes(pathname) ? 'named' : 'pass';
}

/** A file that somebody opens as if it were a page. */
function isFile(pathname: string): boolean {
  return pathname.startsWith('/assets/') || /\.[a-z0-9]+$/i.test(pathname.replace(/^\/@[^/]*/, ''));
}

/** Whether the server is there but has nothing to say: then the kept page says more. */
export function isDown(status: number): boolean {
  return status >= 500;
}

export function cacheOf(version: string): string {
  return BUILDS + version;
}

/** Of all caches, in the order in which they were made, those that nobody needs any more. */
export function outdated(caches: readonly string[], version: string): string[] {
  const builds = caches.filter((name) => name.startsWith(BUILDS) && name !== cacheOf(version));
  return builds.slice(0, Math.max(0, builds.length - (BUILDS_KEPT - 1)));
}

/** The oldest pictures that must go so that the rest is at most `most` bytes. */
export function evicted(
  kept: readonly { readonly url: string; readonly bytes: number }[],
  most: number,
): string[] {
  let bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
  const gone: string[] = [];
  for (const one of kept) {
    if (bytes <= most) break;
    bytes -= one.bytes;
    gone.push(one.url);
  }
  return gone;
}

/** Whether this page belongs to this build: a server may be between two of them. */
export function isPageOf(page: string, build: Build): boolean {
  const scripts = build.first.filter((path) => path.endsWith('.js') && path.startsWith('/assets/'));
  return scripts.some((path) => page.includes(path));
}
