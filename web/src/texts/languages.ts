/** Which languages the page speaks, and which of them this reader wants; kept on this device. */

interface Tongue {
  tag: string;
  /** What its speakers call it. */
  name: string;
  /** On the button that leads to it, in that language. */
  go: string;
  /** From where one reads. */
  dir: 'ltr' | 'rtl';
}

export const LANGUAGES = [
  { tag: 'en', name: 'English', go: 'Show it in English', dir: 'ltr' },
  { tag: 'de', name: 'Deutsch', go: 'Auf Deutsch zeigen', dir: 'ltr' },
] as const satisfies readonly Tongue[];

export type Language = (typeof LANGUAGES)[number]['tag'];

const STORED = 'realtime.language';

function isLanguage(tag: string | null | undefined): tag is Language {
  return LANGUAGES.some((language) => language.tag === tag);
}

/** What was chosen in the settings; null: as the browser says. */
export function chosen(): Language | null {
  try {
    const stored = localStorage.getItem(STORED);
    return isLanguage(stored) ? stored : null;
  } catch {
    return null;
  }
}

/** Keep this choice. The page speaks it once it is loaded again. */
export function choose(next: Language | null): void {
  try {
    if (next === null) localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, next);
  } catch {
    // Without storage the browser's language is spoken.
  }
}

/** The first language of `wanted` that the page speaks; English where there is none. */
export function spokenOf(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split('-')[0];
    if (isLanguage(base)) return base;
  }
  return 'en';
}

/** How dates and numbers are written: as where the reader lives, if that is the same language ("en-GB"). */
export function regionOf(language: Language, wanted: readonly string[]): string {
  const own = wanted.find((tag) => tag.toLowerCase().split('-')[0] === language);
  return own ?? language;
}
