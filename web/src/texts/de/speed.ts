/** What is said about how quickly things come, in German. */

import type { Texts } from '../en';
import type { Numbers } from '../numbers';

export const speed = ({ number, plural }: Numbers): Texts['speed'] => ({
  title: 'Verbindung',
  connection: 'Zustand',
  heartbeat: 'Letzter Herzschlag',
  cursor: 'Alles gesendet bis',
  resumes: 'Zurückgekommen ohne Lücke',
  gaps: 'Zurückgekommen mit Lücke',
  delivery: (percent) => `Zustellung, p${percent}`,
  ago: (seconds) => `vor ${number(seconds)} s`,
  ms: (ms) => `${number(ms)} ms`,
  none: '–',
  noClock: 'Der erste Herzschlag stellt die Uhr: binnen 20 Sekunden.',
  measured: (n) =>
    `Gemessen an ${number(n)} ${plural(n, 'Beitrag oder Retweet', 'Beiträgen und Retweets')}.`,
  honest:
    'Von dem Moment, den der Server kurz vor dem Speichern notiert, bis zu dem Bild, das es hier zeigt. Die Uhren werden durch Herzschläge verglichen; der schnellste Weg eines Herzschlags ist nicht mitgezählt.',
});
