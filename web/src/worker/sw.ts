/** The service worker: the page opens without a server, and its files are fetched once. */

import {
  answerTo,
  type Build,
  cacheOf,
  evicted,
  isDown,
  isPageOf,
  NAMED,
  outdated,
  PAGE,
  PATIENCE_MS,
  PICTURES,
  PICTURES_BYTES,
} from './rules';

declare const self: ServiceWorkerGlobalScope;
/** Written in by the build. */
declare const __BUILD__: Build;

const BUILD = __BUILD__;
const CACHE = cacheOf(BUILD.version);

self.addEventListener('install', (event) => {
  // Taking over at once is safe: files are named by what is in them, and those of the build
  // before are kept.
  event.waitUntil(install().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(tidy().then(() => self.clients.claim()));
});

self.addEventListener('message', (event) => {
  if (event.data === 'idle') event.waitUntil(fetchLater());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const asked = {
    method: request.method,
    url: request.url,
    isPage: request.mode === 'navigate',
    isRange: request.headers.has('range'),
  };
  switch (answerTo(asked, self.location.origin)) {
    case 'page':
      event.respondWith(page(event));
      break;
    case 'file':
      event.respondWith(file(request));
      break;
    case 'named':
      event.respondWith(named(request));
      break;
    case 'picture':
      event.respondWith(picture(event));
      break;
  }
});

/** All or nothing: a page whose files are not all there would open empty. */
async function install(): Promise<void> {
  // Without cookies: what is kept is nobody's.
  const fresh = await fetch(PAGE, { cache: 'no-cache', credentials: 'omit' });
  if (!fresh.ok || !isPageOf(await fresh.clone().text(), BUILD)) {
    throw new Error('The server has another build by now; its own worker follows.');
  }
  const cache = await caches.open(CACHE);
  await cache.put(PAGE, fresh);
  await cache.addAll([...BUILD.first, ...NAMED]);
}

async function tidy(): Promise<void> {
  const names = outdated(await caches.keys(), BUILD.version);
  await Promise.all(names.map((name) => caches.delete(name)));
}

/** One after the other, so that nothing that somebody waits for has to wait. */
async function fetchLater(): Promise<void> {
  const cache = await caches.open(CACHE);
  const known = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
  for (const path of BUILD.later) {
    if (known.has(path)) continue;
    try {
      await cache.add(path);
    } catch {
      return; // Away, or full: the next idle moment goes on.
    }
  }
}

async function page(event: FetchEvent): Promise<Response> {
  const answer = fetch(event.request);
  // Whoever comes too late must not be heard of as an error of nobody's.
  event.waitUntil(answer.catch(() => undefined));
  try {
    const found = await Promise.race([answer, patience()]);
    if (found !== null && !isDown(found.status)) return found;
    const kept = await keptPage();
    return kept ?? found ?? (await answer);
  } catch (thrown) {
    const kept = await keptPage();
    if (kept === undefined) throw thrown;
    return kept;
  }
}

async function keptPage(): Promise<Response | undefined> {
  return (await caches.open(CACHE)).match(PAGE);
}

function patience(): Promise<null> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null));
}

async function file(request: Request): Promise<Response> {
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept !== undefined) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) await keep(CACHE, request, fresh.clone());
  return fresh;
}

async function named(request: Request): Promise<Response> {
  try {
    const fresh = await fetch(request);
    if (!isDown(fresh.status)) return fresh;
  } catch {
    // The kept one does.
  }
  return (await caches.match(request, { ignoreVary: true })) ?? Response.error();
}

async function picture(event: FetchEvent): Promise<Response> {
  const { request } = event;
  const kept = await (await caches.open(PICTURES)).match(request.url, { ignoreVary: true });
  if (kept !== undefined) return kept;
  const fresh = await fetch(request);
  if (fresh.status === 200 && fresh.type === 'basic') {
    event.waitUntil(keepPicture(request.url, fresh.clone()));
  }
  return fresh;
}

/** Bytes of each kept picture, oldest first; read once, then carried on. */
let sizes: Promise<Map<string, number>> | null = null;

async function keepPicture(url: string, fresh: Response): Promise<void> {
  sizes ??= readSizes();
  const known = await sizes;
  known.set(url, bytesOf(fresh));
  await keep(PICTURES, url, fresh);
  const all = [...known].map(([one, bytes]) => ({ url: one, bytes }));
  const cache = await caches.open(PICTURES);
  for (const gone of evicted(all, PICTURES_BYTES)) {
    known.delete(gone);
    await cache.delete(gone);
  }
}

async function readSizes(): Promise<Map<string, number>> {
  const cache = await caches.open(PICTURES);
  const found = new Map<string, number>();
  for (const { url } of await cache.keys()) {
    const kept = await cache.match(url);
    if (kept !== undefined) found.set(url, bytesOf(kept));
  }
  return found;
}

/** The server says how long each picture is; one of an unknown length counts as a large one. */
function bytesOf(response: Response): number {
  const bytes = Number.parseInt(response.headers.get('content-length') ?? '', 10);
  return Number.isFinite(bytes) ? bytes : 2 ** 20;
}

/** A full disk only means that it is fetched again next time. */
async function keep(name: string, key: Request | string, response: Response): Promise<void> {
  try {
    await (await caches.open(name)).put(key, response);
  } catch {
    // As above.
  }
}
