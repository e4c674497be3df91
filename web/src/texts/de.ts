/**
 * Every sentence that the product says, in German. Short, plain, warm, and by first names.
 *
 * Loaded only for whoever reads it. The numbers are handed in: importing them would wait for the page's first script,
 * which waits for this one.
 */

import { hiding } from './de/hiding';
import { keys } from './de/keys';
import { notices } from './de/notices';
import { people } from './de/people';
import { refused } from './de/refused';
import { search } from './de/search';
import { speed } from './de/speed';
import { writing } from './de/writing';
import type { Texts } from './en';
import type { Numbers } from './numbers';

const seconds = (s: number) => `${Math.max(1, Math.ceil(s))} s`;

export const german = (numbers: Numbers): Texts => {
  const { number, plural, short } = numbers;
  return {
    name: 'realtime',
    close: 'Schließen',
    cancel: 'Abbrechen',
    back: 'Zurück',
    tryAgain: 'Noch einmal versuchen',
    more: 'Mehr zeigen',
    you: 'du',
    loading: 'Wird geladen',

    ...writing(numbers),
    ...people(numbers),
    refused,
    keys,
    search,
    speed: speed(numbers),
    hiding,
    notices: notices(numbers),

    nav: {
      main: 'Hauptmenü',
      below: 'Hauptmenü, unten',
      beside: 'Neben der Timeline',
      skip: 'Zu den Beiträgen',
      home: 'Start',
      explore: 'Entdecken',
      notices: 'Neues',
      you: 'Du',
      settings: 'Einstellungen',
      write: 'Schreiben',
      writePost: 'Beitrag schreiben',
      signIn: 'Anmelden',
      register: 'Konto anlegen',
      protocol: 'Protokoll',
    },

    titles: {
      home: 'Start',
      explore: 'Entdecken',
      notices: 'Neues',
      thread: 'Unterhaltung',
      settings: 'Einstellungen',
      signIn: 'Anmelden',
      register: 'Konto anlegen',
      notFound: 'Nicht gefunden',
      followers: (who: string) => `Wer ${who} folgt`,
      following: (who: string) => `Wem ${who} folgt`,
      person: (shown: string, name: string) => `${shown} (@${name})`,
      atName: (name: string) => `@${name}`,
      post: (shown: string, words: string) =>
        words ? `${shown}: ${words}` : `Ein Beitrag von ${shown}`,
      page: (title: string) => `${title} · realtime`,
      waiting: (n: number, title: string) => `(${number(n)}) ${title}`,
    },

    wire: {
      live: 'Live',
      connecting: 'Wird verbunden',
      off: 'Nicht verbunden',
      connectingNow: 'Wird verbunden.',
      connectingIn: (s: number) => `Nicht verbunden. Neuer Versuch in ${seconds(s)}.`,
      reconnecting: 'Wird wieder verbunden.',
      kept: 'Was du schreibst, bleibt und wird gesendet.',
      reconnectingIn: (s: number) => `Neuer Versuch in ${seconds(s)}.`,
      ended: 'Du wurdest auf diesem Gerät abgemeldet.',
      stopped: 'Diese Seite und der Server verstehen sich nicht mehr. Lade sie neu.',
      reload: 'Neu laden',
      tryNow: 'Jetzt versuchen',
    },

    time: {
      now: 'jetzt',
      minutes: (n: number) => `${n} Min.`,
      sending: 'Wird gesendet',
      waiting: 'Wartet',
      notSent: 'Nicht gesendet',
    },

    post: {
      by: (shown: string) => `Beitrag von ${shown}`,
      reactions: 'Reaktionen',
      addReaction: 'Reagieren',
      reaction: (emoji: string, n: number, yours: boolean) =>
        `${emoji}, ${short(n)}${yours ? ', auch von dir' : ''}`,
      reply: (n: number) => (n ? `Antworten, ${short(n)}` : 'Antworten'),
      retweet: (n: number) => (n ? `Retweeten, ${short(n)}` : 'Retweeten'),
      more: 'Mehr zu diesem Beitrag',
      retweeted: (n: number, you: boolean) => {
        if (n > 1) return you ? 'habt retweetet' : 'haben retweetet';
        return you ? 'hast retweetet' : 'hat retweetet';
      },
      and: 'und',
      others: (n: number) => plural(n, 'eine weitere Person', `${number(n)} weitere`),
      to: 'An',
      toSomeone: 'Antwort auf einen Beitrag',
      fresh: 'Neu',
      youRetweeted: 'Du',
      deletedBy: (shown: string) =>
        shown ? `${shown} hat diesen Beitrag gelöscht.` : 'Dieser Beitrag wurde gelöscht.',
      quoteGone: 'Der zitierte Beitrag ist nicht hier.',
      openPicture: (alt: string) => (alt ? `Bild öffnen: ${alt}` : 'Bild öffnen'),
      alt: 'ALT, Beschreibung zeigen',
      signInToReact: 'Melde dich an, um zu reagieren, zu antworten und zu retweeten.',
      eightUsed: 'Mehr als acht Reaktionen von dir gehen nicht.',
    },

    feed: {
      home: 'Beiträge von allen, denen du folgst, und deine',
      explore: 'Neue Beiträge von allen',
      newPosts: (n: number) => `${number(n)} ${plural(n, 'neuer Beitrag', 'neue Beiträge')}`,
      loading: 'Die Timeline wird geladen',
      loadingMore: 'Mehr wird geladen',
      end: 'Das ist alles, bis zum ersten Beitrag.',
      gapBetween: (from: string, to: string) =>
        `Die Beiträge von ${from} bis ${to} sind noch nicht hier.`,
      gap: 'Einige Beiträge sind noch nicht hier.',
      loadGap: 'Laden',
      emptyTitle: 'Noch ist es still',
      empty:
        'Folge ein paar Leuten, und ihre Beiträge kommen von selbst, in dem Moment, in dem sie geschrieben werden.',
      emptyExplore: 'Noch hat niemand etwas geschrieben. Der erste Beitrag ist der schwerste.',
      look: 'Umsehen',
      failedTitle: 'Diese Seite ist nicht angekommen',
      failed:
        'Der Server ist da, konnte die Timeline aber nicht lesen. Was du schon hast, ist noch hier.',
      offline: 'Gerade gibt es keine Verbindung. Geladen wird, sobald sie wieder da ist.',
    },

    thread: {
      retweets: (n: number) => plural(n, 'Retweet', 'Retweets'),
      quotes: (n: number) => plural(n, 'Zitat', 'Zitate'),
      reactions: (n: number) => plural(n, 'Reaktion', 'Reaktionen'),
      replies: 'Antworten',
      showReplies: (n: number) => plural(n, 'Eine Antwort zeigen', `${number(n)} Antworten zeigen`),
      notFoundTitle: 'Hier ist kein Beitrag',
      notFound: 'Er wurde gelöscht, oder die Adresse ist nicht ganz richtig.',
    },

    settings: {
      look: 'Aussehen',
      theme: 'Farben',
      system: 'System',
      light: 'Hell',
      dark: 'Dunkel',
      language: 'Sprache',
      languageAuto: 'Automatisch',
      keyboard: 'Tastatur',
      keyboardWhat: 'Einzelne Tasten führen von Beitrag zu Beitrag und tun etwas mit ihnen.',
      on: 'An',
      off: 'Aus',
      allKeys: 'Alle Tasten zeigen',
      devices: 'Geräte',
      devicesWhat:
        'Wo du angemeldet bist. Beendest du eines, schließt es sich binnen einer Sekunde.',
      thisOne: 'Dieses hier',
      end: 'Beenden',
      endThat: (device: string) => ` der Sitzung auf ${device}`,
      endOthers: 'Alle anderen beenden',
      endAsk: 'Alle anderen Sitzungen beenden?',
      endWhat: (n: number) =>
        plural(
          n,
          'Ein anderes Gerät wird abgemeldet.',
          `${number(n)} andere Geräte werden abgemeldet.`,
        ),
      endYes: 'Beenden',
      ended: 'Sitzung beendet.',
      endedAll: 'Alle anderen Sitzungen beendet.',
      devicesFailed: 'Die Liste der Geräte ist nicht angekommen.',
      now: 'jetzt',
      password: 'Passwort',
      passwordWhat: 'Alle anderen Geräte werden abgemeldet, wenn du es änderst.',
      current: 'Bisher',
      next: 'Neu',
      change: 'Passwort ändern',
      changing: 'Wird geändert',
      changed: 'Passwort geändert. Andere Geräte sind abgemeldet.',
      signOut: 'Abmelden',
      signOutWhat: 'Nur auf diesem Gerät.',
      things: 'Deine Sachen',
      thingsWhat: 'Alles, was du geschrieben und getan hast, und deine Bilder, in einer ZIP-Datei.',
      download: 'Deine Daten herunterladen',
      leave: 'Konto löschen',
      leaveWhat:
        'Deine Beiträge, Bilder und Reaktionen verschwinden überall, für immer. Dein Name bleibt vergeben.',
      leaveOpen: 'Mein Konto löschen…',
      leaveAsk: 'Dein Konto löschen?',
      leaveNumber: (posts: number) =>
        plural(
          posts,
          'Dein einer Beitrag verschwindet, und alles, was du hier getan hast.',
          `Deine ${number(posts)} Beiträge verschwinden, und alles, was du hier getan hast.`,
        ),
      leaveFirst: 'Lade zuerst deine Daten herunter, wenn du etwas davon behalten willst.',
      leavePassword: 'Dein Passwort',
      leaving: 'Wird gelöscht',
      left: 'Dein Konto ist gelöscht.',
      unsentAsk: 'Abmelden und Ungesendetes verlieren?',
      unsentWhat:
        'Was du hier geschrieben oder getan hast und noch nicht beim Server ist, ist dann weg. Bleib, und es geht mit der nächsten Verbindung hinaus.',
      unsentStay: 'Bleiben',
      unsentLeave: 'Abmelden und verlieren',
    },

    lightbox: {
      title: 'Bild',
      of: (n: number, all: number) => `Bild ${n} von ${all}`,
      next: 'Nächstes Bild',
      previous: 'Vorheriges Bild',
      play: 'Abspielen',
      pause: 'Anhalten',
    },

    notFound: {
      title: 'Hier wohnt nichts',
      what: 'Die Adresse ist nicht ganz richtig, oder was hier war, ist fort.',
      home: 'Start',
    },

    broken: {
      title: 'Dieser Teil der Seite ist kaputtgegangen',
      what: 'Das liegt an uns, nicht an dir. Was du geschrieben hast, ist noch da.',
      again: 'Neu laden',
    },
  };
};
