/** The list of notices: what is in it, and how far it was read. Pure. */

import type { Notice, Noun, Read } from '../wire/protocol';
import { compareIds } from './ids';
import type { Notices, Nouns } from './types';

export const NO_NOTICES: Notices = {
  state: 'empty',
  refusal: null,
  floor: null,
  next: null,
  ended: false,
  unread: 0,
  upTo: '0',
  seq: 0,
};

/** How far I have read, as the newest `read` of these says. */
export function withRead(notices: Notices, heard: readonly { readonly noun: Noun }[]): Notices {
  let now = notices;
  for (const { noun } of heard) {
    if (noun.kind === 'read' && noun.seq >= now.seq) now = withMark(now, noun);
  }
  return now;
}

function withMark(notices: Notices, { seq, up_to, unread }: Read): Notices {
  return { ...notices, seq, upTo: up_to, unread };
}

/** The notices to draw, newest first: down to where pages were read. */
export function shown(nouns: Nouns, { floor, ended }: Notices): readonly Notice[] {
  const isThere = (notice: Notice) =>
    notice.count > 0 && (ended || (floor !== null && compareIds(notice.id, floor) >= 0));
  return [...nouns.notices.values()].filter(isThere).sort((a, b) => compareIds(b.id, a.id));
}
