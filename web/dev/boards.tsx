/** Pages with fixed contents and no server: /dev/boards.html?world=plain&at=/explore&theme=dark&text=… */

import '../src/styles/tokens.css';
import '../src/styles/base.css';
import '@fontsource-variable/atkinson-hyperlegible-next/wght.css';

import { createRoot } from 'react-dom/client';
import { App } from '../src/app/app';
import { words } from '../src/features/compose/words';
import { RealtimeContext } from '../src/store/hooks';
import { before, realtimeWith } from '../src/testing/fixture';
import { rememberScrolling } from '../src/ui/scroll-memory';
import { worlds } from './world';

const asked = new URLSearchParams(location.search);
const theme = asked.get('theme');
if (theme) document.documentElement.dataset['theme'] = theme;
document.documentElement.dir = asked.get('dir') ?? 'ltr';
const text = asked.get('text');
if (text) words.getState().put('900100 home', text);
history.replaceState(null, '', asked.get('at') ?? '/');
rememberScrolling();

const world = worlds[asked.get('world') ?? 'plain'] ?? worlds['plain'];
const realtime = realtimeWith((world as NonNullable<typeof world>)(), {
  devices: () =>
    Promise.resolve([
      {
        id: '1',
        device: 'Firefox on Linux',
        address: '127.0.0.1',
        last_seen: before(0),
        current: true,
      },
      {
        id: '2',
        device: 'Safari on a phone',
        address: '192.0.2.14',
        last_seen: before(20),
        current: false,
      },
      {
        id: '3',
        device: 'echo-bot 0.3',
        address: '192.0.2.80',
        last_seen: before(1500),
        current: false,
      },
    ]),
});

Object.assign(window, { realtime });
const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <RealtimeContext value={realtime}>
      <App />
    </RealtimeContext>,
  );
