/** What is said when something was refused, in German; more of it than in English, where the server says it itself. */

import type { Texts } from '../en';

const codes: Texts['refused']['codes'] = {
  invalid: 'So geht das nicht.',
  unknown_type: 'Das kennt der Server noch nicht.',
  unauthenticated: 'Melde dich zuerst an.',
  forbidden: 'Das darfst du nicht ändern.',
  not_found: 'Das ist nicht mehr da.',
  conflict: 'Das ist schon vergeben.',
  too_long: 'Das ist zu lang.',
  too_many: 'Das sind zu viele.',
  rate_limited: 'Das ging zu schnell.',
  unavailable: 'Der Server ist gerade beschäftigt. Nichts wurde geändert.',
  internal: 'Auf dem Server ist etwas schiefgegangen.',
  offline: 'Der Server ist nicht zu erreichen.',
  ended: 'Du bist hier abgemeldet. Melde dich an, um weiterzumachen.',
  cancelled: 'Angehalten.',
};

const exact: Readonly<Record<string, string>> = {
  'cancelled late': 'Das wurde nicht rechtzeitig gesendet. Sieh es dir zuerst noch einmal an.',
  'cancelled media': 'Ein Bild war noch nicht angekommen, als die Seite geschlossen wurde.',
  'invalid file': 'Das ist kein Bild, das gezeigt werden kann.',
  'too_long file': 'Dieses Bild ist zu groß.',
  'not_found media': 'Ein Bild ist nicht mehr da. Nimm es heraus und füge es noch einmal hinzu.',
  'not_found reply_to': 'Der Beitrag, auf den du antwortest, ist nicht mehr da.',
  'not_found quote_of': 'Der Beitrag, den du zitierst, ist nicht mehr da.',
  'invalid text': 'In diesem Beitrag steht etwas, das nicht geht.',
  'too_long text': 'Dieser Beitrag ist zu lang.',
  'too_many media': 'Das sind zu viele Bilder.',
  'conflict media': 'Dieses Bild wird schon verwendet.',
  'conflict avatar': 'Dieses Bild wird schon verwendet.',
  'invalid emoji': 'Eine Reaktion ist genau ein Emoji.',
  'too_many emoji': 'Mehr als acht Reaktionen von dir gehen nicht.',
  'too_long alt': 'Diese Beschreibung ist zu lang.',
  'invalid name': 'Ein Name hat 2 bis 30 von a–z, 0–9 und _.',
  'conflict name': 'Diesen Namen gibt es schon.',
  'invalid display_name': 'So kann ein Name nicht angezeigt werden.',
  'too_long display_name': 'Dieser Name ist zu lang.',
  'invalid bio': 'Darin steht etwas, das nicht geht.',
  'too_long bio': 'Das ist zu lang.',
  'invalid password': 'Mindestens 8 Zeichen, nicht dein Name und keines der häufigsten.',
  'too_long password': 'Dieses Passwort ist zu lang.',
  'forbidden password': 'Das ist nicht dein Passwort.',
  'invalid new': 'Mindestens 8 Zeichen, nicht dein Name und keines der häufigsten.',
  'too_long new': 'Dieses Passwort ist zu lang.',
  'forbidden current': 'Das ist nicht dein jetziges Passwort.',
  'invalid user_id': 'Das geht mit dir selbst nicht.',
  'too_long q': 'Diese Suche ist zu lang.',
};

export const refused = {
  generic: 'Das hat nicht geklappt. Du kannst es noch einmal versuchen.',
  isServers: false,
  codes,
  exact,
};
