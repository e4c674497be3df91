/** What is said about the keyboard, in German. */

import type { Texts } from '../en';

export const keys: Texts['keys'] = {
  title: 'Tasten',
  moving: 'In Listen und Unterhaltungen',
  aPost: 'Beim umrandeten Beitrag',
  anywhere: 'Überall',
  going: 'Gehe zu',
  afterwards: 'dann',
  next: 'Weiter',
  previous: 'Zurück',
  open: 'Öffnen',
  reply: 'Antworten',
  retweet: 'Retweeten',
  quote: 'Zitieren',
  react: 'Reagieren',
  pictures: 'Bilder öffnen',
  copyLink: 'Link kopieren',
  more: 'Mehr',
  write: 'Beitrag schreiben',
  newPosts: 'Neue Beiträge zeigen',
  search: 'Suchen',
  speed: 'Die Verbindung in Zahlen',
  sheet: 'Diese Liste',
  off: 'Sie ruhen, während du schreibst, und lassen sich in den Einstellungen abschalten.',
};
