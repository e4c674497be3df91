/** What is said about searching, in German. */

import type { Texts } from '../en';

export const search: Texts['search'] = {
  title: 'Suche',
  found: (q) => `Suche: ${q}`,
  field: 'Beiträge und Leute suchen',
  placeholder: 'Suchen',
  kinds: 'Was durchsucht wird',
  posts: 'Beiträge',
  people: 'Leute',
  results: 'Gefundene Beiträge',
  beginTitle: 'Wonach suchst du?',
  begin:
    'Nach Wörtern in Beiträgen, Anfängen von Namen oder einem #Hashtag. Das letzte Wort darf unfertig sein.',
  nothing: (q) => `Nichts zu „${q}“`,
  noPosts: 'Jedes Wort muss im Beitrag stehen; mit weniger oder kürzeren findest du mehr.',
  noPeople: 'Gesucht wird in den Anfängen von Namen.',
};
