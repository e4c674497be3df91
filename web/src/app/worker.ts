/** Starts the service worker, and tells it when there is time to fetch what nobody waits for. */

const WORKER = '/sw.js';
/** What the page itself fetches first has come by then. */
const IDLE_MS = 3_000;

/** The page's policy takes the address of a script from a policy of ours only. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

export function startWorker(): void {
  // A page that is being written has no worker: files would never change.
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  addEventListener('load', () => void start().catch(() => undefined), { once: true });
}

/** Where it is forbidden (private windows of some browsers) the page works, with a connection. */
async function start(): Promise<void> {
  await navigator.serviceWorker.register(trusted(), { updateViaCache: 'none' });
  const { active } = await navigator.serviceWorker.ready;
  const isSaving = (navigator as { connection?: { saveData?: boolean } }).connection?.saveData;
  if (isSaving !== true) whenIdle(() => active?.postMessage('idle'));
}

function trusted(): string {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (types === undefined) return WORKER;
  const policy = types.createPolicy('realtime-worker', {
    createScriptURL: (url) => (url === WORKER ? url : ''),
  });
  return policy.createScriptURL(WORKER);
}

function whenIdle(call: () => void): void {
  setTimeout(() => {
    if (typeof requestIdleCallback === 'function') requestIdleCallback(call, { timeout: IDLE_MS });
    else call();
  }, IDLE_MS);
}
