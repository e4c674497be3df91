/** What is said about blocking and muting. */

export const hiding = {
  mute: (who: string) => `Mute ${who}`,
  unmute: (who: string) => `Unmute ${who}`,
  block: (who: string) => `Block ${who}`,
  unblock: (who: string) => `Unblock ${who}`,
  seeBlocked: 'Unblock',
  seeMuted: 'Unmute',
  blockAsk: (who: string) => `Block ${who}?`,
  blockWhat:
    'You no longer see each other here, and following ends on both sides. They are not told.',
  blockYes: 'Block',
  blockNo: 'Not now',
  blocked: (who: string) => `${who} is blocked.`,
  unblocked: (who: string) => `${who} is no longer blocked.`,
  muted: (who: string) => `${who} is muted.`,
  unmuted: (who: string) => `${who} is no longer muted.`,
  undo: 'Undo',
  more: (who: string) => `More about ${who}`,
  isBlocked: {
    title: (who: string) => `You block ${who}`,
    what: 'Neither of you sees what the other writes.',
  },
  isMuted: {
    title: (who: string) => `You mute ${who}`,
    what: 'What they write is left out of your lists. They do not learn of it.',
  },
  people: 'Blocked and muted',
  peopleWhat: 'Whom you do not want to see here. Nobody but you sees these lists.',
  showBlocked: 'Whom you block',
  showMuted: 'Whom you mute',
  noBlocked: 'You block nobody.',
  noMuted: 'You mute nobody.',
};
