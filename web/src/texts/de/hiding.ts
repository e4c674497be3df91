/** What is said about blocking and muting, in German. */

import type { Texts } from '../en';

export const hiding: Texts['hiding'] = {
  mute: (who) => `${who} stummschalten`,
  unmute: (who) => `${who} nicht mehr stummschalten`,
  block: (who) => `${who} blockieren`,
  unblock: (who) => `${who} nicht mehr blockieren`,
  seeBlocked: 'Freigeben',
  seeMuted: 'Wieder zeigen',
  blockAsk: (who) => `${who} blockieren?`,
  blockWhat:
    'Ihr seht euch hier nicht mehr, und das Folgen endet auf beiden Seiten. Davon wird nichts gesagt.',
  blockYes: 'Blockieren',
  blockNo: 'Jetzt nicht',
  blocked: (who) => `${who} ist blockiert.`,
  unblocked: (who) => `${who} ist nicht mehr blockiert.`,
  muted: (who) => `${who} ist stummgeschaltet.`,
  unmuted: (who) => `${who} ist nicht mehr stummgeschaltet.`,
  undo: 'Rückgängig',
  more: (who) => `Mehr zu ${who}`,
  isBlocked: {
    title: (who) => `Du blockierst ${who}`,
    what: 'Ihr seht beide nicht, was der andere schreibt.',
  },
  isMuted: {
    title: (who) => `Du hast ${who} stummgeschaltet`,
    what: 'Was dort geschrieben wird, fehlt in deinen Listen. Davon erfährt niemand.',
  },
  people: 'Blockiert und stumm',
  peopleWhat: 'Wen du hier nicht sehen willst. Diese Listen siehst nur du.',
  showBlocked: 'Wen du blockierst',
  showMuted: 'Wen du stummschaltest',
  noBlocked: 'Du blockierst niemanden.',
  noMuted: 'Du hast niemanden stummgeschaltet.',
};
