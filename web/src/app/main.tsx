/** Where the page begins. */

import '../styles/tokens.css';
import '../styles/base.css';
import '@fontsource-variable/atkinson-hyperlegible-next/wght.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RealtimeContext } from '../store/hooks';
import { createRealtime } from '../store/realtime';
import { wearLanguage } from '../texts/texts';
import { watchFinger } from '../ui/finger';
import { rememberScrolling } from '../ui/scroll-memory';
import { App } from './app';
import { countPages } from './go-back';
import { shareTheme, wearTheme } from './theme';
import { startWorker } from './worker';

/** A file of an older build is gone: the page of the newer one knows the new names. */
function reloadOnNewBuild(): void {
  window.addEventListener('vite:preloadError', () => {
    const last = Number(sessionStorage.getItem('realtime.reloaded') ?? 0);
    if (Date.now() - last < 60_000) return;
    void isReplaced().then((is) => {
      if (!is) return;
      sessionStorage.setItem('realtime.reloaded', String(Date.now()));
      location.reload();
    });
  });
}

/** Whether the server has another page by now. While it cannot be asked, this one is all there is: it stays. */
async function isReplaced(): Promise<boolean> {
  const own = document.querySelector('script[type=module]')?.getAttribute('src');
  try {
    const answer = await fetch('/', { cache: 'no-store' });
    return answer.ok && own != null && !(await answer.text()).includes(own);
  } catch {
    return false;
  }
}

wearLanguage(document.documentElement);
wearTheme();
shareTheme();
rememberScrolling();
watchFinger();
countPages();
reloadOnNewBuild();
startWorker();

const root = document.getElementById('root');
if (root) {
  const realtime = createRealtime();
  createRoot(root).render(
    <StrictMode>
      <RealtimeContext value={realtime}>
        <App />
      </RealtimeContext>
    </StrictMode>,
  );
}
