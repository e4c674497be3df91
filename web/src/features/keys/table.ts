/** Every single key that the page listens to, and in which words the sheet tells it: one table for both. */

import { navigate } from 'wouter/use-browser-location';
import type { Person } from '../../store/types';
import { texts } from '../../texts/texts';
import { openComposer } from '../compose/open';
import { askToSignIn } from '../post/gate';
import { copyLink } from '../post/menus';
import { openSpeed } from '../speed/open';
import { openKeys } from './open';
import { step } from './stops';

export interface Place {
  /** The post or person that the focus is in. */
  stop: HTMLElement | null;
  me: Person | undefined;
}

export interface Shortcut {
  /** As typed: one key, or two after each other. */
  keys: string;
  group: 'move' | 'post' | 'go' | 'page';
  text: string;
  /** Nothing for visitors. */
  signed?: true;
  /** False: there is nothing here that it could do. */
  act: (place: Place) => boolean;
}

const done = <A extends unknown[]>(deed: (...given: A) => void) => {
  return (...given: A) => {
    deed(...given);
    return true;
  };
};

/** Press what carries this key. */
function press(within: ParentNode | null, key: string): boolean {
  const control = within?.querySelector<HTMLElement>(`[data-key="${key}"]`);
  if (!control) return false;
  control.scrollIntoView({ block: 'nearest' });
  if (control.matches('input, textarea')) control.focus();
  else control.click();
  return true;
}

const pressInStop = (key: string) => (place: Place) => press(place.stop, key);
const go = (path: string) => done(() => navigate(path));

/** Into the box, wherever one can be seen; else to the page that has one. */
function toSearch(): void {
  const boxes = document.querySelectorAll<HTMLInputElement>('[data-key="/"]');
  const box = [...boxes].find((each) => each.checkVisibility());
  if (!box) navigate('/search');
  box?.focus();
  box?.select();
}

/** Do this with the post that has the focus. */
const withPost = (deed: (id: string, me: Person | undefined) => void) => (place: Place) => {
  const id = place.stop?.dataset['post'];
  if (id) deed(id, place.me);
  return id !== undefined;
};

const t = texts.keys;

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: 'j', group: 'move', text: t.next, act: done(() => step(1)) },
  { keys: 'k', group: 'move', text: t.previous, act: done(() => step(-1)) },
  // Enter on a link or button within is that link's own.
  {
    keys: 'Enter',
    group: 'move',
    text: t.open,
    act: ({ stop }) => stop === document.activeElement && press(stop, 'Enter'),
  },
  { keys: 'r', group: 'post', text: t.reply, act: pressInStop('r') },
  { keys: 't', group: 'post', text: t.retweet, act: pressInStop('t') },
  {
    keys: 'q',
    group: 'post',
    text: t.quote,
    act: withPost((id, me) => (me ? openComposer({ quoteOf: id }) : askToSignIn())),
  },
  { keys: 'e', group: 'post', text: t.react, act: pressInStop('e') },
  { keys: 'o', group: 'post', text: t.pictures, act: pressInStop('o') },
  { keys: 'l', group: 'post', text: t.copyLink, act: withPost((id) => void copyLink(id)) },
  { keys: 'm', group: 'post', text: t.more, act: pressInStop('m') },
  {
    keys: 'n',
    group: 'page',
    text: t.write,
    signed: true,
    act: ({ me }) => {
      if (me) openComposer({});
      return me !== undefined;
    },
  },
  { keys: '.', group: 'page', text: t.newPosts, act: () => press(document, '.') },
  { keys: '/', group: 'page', text: t.search, act: done(toSearch) },
  { keys: 'L', group: 'page', text: t.speed, act: done(() => openSpeed()) },
  { keys: '?', group: 'page', text: t.sheet, act: done(() => openKeys()) },
  { keys: 'g h', group: 'go', text: texts.nav.home, signed: true, act: go('/') },
  { keys: 'g n', group: 'go', text: texts.nav.notices, signed: true, act: go('/notices') },
  { keys: 'g e', group: 'go', text: texts.nav.explore, act: go('/explore') },
  {
    keys: 'g p',
    group: 'go',
    text: texts.nav.you,
    signed: true,
    act: ({ me }) => {
      if (me) navigate(`/@${me.name}`);
      return me !== undefined;
    },
  },
  { keys: 'g s', group: 'go', text: texts.nav.settings, signed: true, act: go('/settings') },
];

/** What this reader can use. */
export function shortcutsFor(me: Person | undefined): readonly Shortcut[] {
  return SHORTCUTS.filter(({ signed }) => me !== undefined || !signed);
}
