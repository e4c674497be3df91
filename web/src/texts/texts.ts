/** The catalogue in use: English, or the reader's language, which is fetched before anything is drawn. */

import { en, type Texts } from './en';
import { chosen, LANGUAGES, type Language, regionOf, spokenOf } from './languages';
import { numbers, speak } from './numbers';

/** Each but English is a file of its own. */
const OTHERS: Readonly<Record<Exclude<Language, 'en'>, () => Promise<Texts>>> = {
  de: async () => (await import('./de')).german(numbers),
};

async function catalogue(wanted: Language): Promise<{ language: Language; texts: Texts }> {
  if (wanted === 'en') return { language: wanted, texts: en };
  try {
    return { language: wanted, texts: await OTHERS[wanted]() };
  } catch {
    // It did not arrive: better in English than not at all.
    return { language: 'en', texts: en };
  }
}

const wanted = navigator.languages ?? [navigator.language];
const { language, texts } = await catalogue(chosen() ?? spokenOf(wanted));
speak(regionOf(language, wanted));

export { language, texts };

/** Tell the browser which language it shows, and from where one reads. */
export function wearLanguage(root: HTMLElement): void {
  root.lang = language;
  root.dir = LANGUAGES.find(({ tag }) => tag === language)?.dir ?? 'ltr';
}
