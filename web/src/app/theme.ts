/** Light, dark, or as the system says; kept on this device. */

export type Theme = 'system' | 'light' | 'dark';

const STORED = 'realtime.theme';

export function theme(): Theme {
  const stored = localStorage.getItem(STORED);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export function setTheme(next: Theme): void {
  if (next === 'system') localStorage.removeItem(STORED);
  else localStorage.setItem(STORED, next);
  wearTheme();
}

const colours = { light: '#f2f5f4', dark: '#0d1514' } as const;

/** Make the page look as was chosen. */
export function wearTheme(): void {
  const chosen = theme();
  const root = document.documentElement;
  if (chosen === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = chosen;
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')) {
    const own = meta.media.includes('dark') ? 'dark' : 'light';
    meta.content = colours[chosen === 'system' ? own : chosen];
  }
}

/** Follow what another window chose. */
export function shareTheme(): void {
  window.addEventListener('storage', (event) => {
    if (event.key === STORED || event.key === null) wearTheme();
  });
}
