/** What is said of notices, in German. */

import type { Numbers } from '../numbers';

export const notices = ({ number, plural }: Numbers) => ({
  badge: 'ungelesen: ',
  fresh: 'Neu',
  earlier: 'Früher',
  loading: 'Neues wird geladen',
  loadingMore: 'Älteres wird geladen',
  emptyTitle: 'Noch nichts',
  empty:
    'Wenn jemand reagiert, antwortet, dich erwähnt oder dir folgt, erscheint es hier von selbst.',
  failedTitle: 'Das Neue ist nicht angekommen',
  end: 'Das ist alles.',
  others: (n: number) => plural(n, 'eine weitere Person', `${number(n)} weitere`),
  arrived: (n: number) => plural(n, 'Etwas Neues wartet', `${number(n)} Neuigkeiten warten`),
  did: {
    reaction: (n: number, emoji: string) =>
      plural(
        n,
        `hat mit ${emoji} auf deinen Beitrag reagiert`,
        `haben mit ${emoji} auf deinen Beitrag reagiert`,
      ),
    retweet: (n: number) =>
      plural(n, 'hat deinen Beitrag retweetet', 'haben deinen Beitrag retweetet'),
    reply: (n: number) => plural(n, 'hat dir geantwortet', 'haben dir geantwortet'),
    mention: (n: number) => plural(n, 'hat dich erwähnt', 'haben dich erwähnt'),
    quote: (n: number) => plural(n, 'hat dich zitiert', 'haben dich zitiert'),
    follow: (n: number) => plural(n, 'folgt dir', 'folgen dir'),
  },
});
