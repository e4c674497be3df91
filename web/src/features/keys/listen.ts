/** Hears single keys, never while somebody types, and does what the table says. */

import type { Person } from '../../store/types';
import { areKeysOn } from './choice';
import { currentStop, scopeOf } from './stops';
import { type Shortcut, shortcutsFor } from './table';

/** So long a first key waits for its second, in ms. */
const PATIENCE_MS = 1_500;
const TYPING = 'input, textarea, select, [contenteditable], [role=menu], [role=dialog]';

/** Start listening; `me` says who is signed in. Returns how to stop. */
export function listen(me: () => Person | undefined): () => void {
  let first: { key: string; until: number } | null = null;
  const pressed = (event: KeyboardEvent) => {
    const key = keyOf(event);
    if (key === null || !areKeysOn() || isTyping(event)) return;
    const before = first !== null && performance.now() < first.until ? `${first.key} ` : '';
    first = null;
    const usable = shortcutsFor(me()).filter(isUsable);
    const found = usable.find(({ keys }) => keys === before + key);
    if (found) return act(found, event, me());
    if (before || !usable.some(({ keys }) => keys.startsWith(`${key} `))) return;
    first = { key, until: performance.now() + PATIENCE_MS };
    event.preventDefault();
  };
  document.addEventListener('keydown', pressed);
  return () => document.removeEventListener('keydown', pressed);
}

/** A key that is held down only goes on moving. */
function act({ group, act }: Shortcut, event: KeyboardEvent, me: Person | undefined): void {
  if (event.repeat && group !== 'move') return;
  if (act({ stop: currentStop(), me })) event.preventDefault();
}

/** Over the page lies a dialog: there is only going up and down in it. */
function isUsable({ group }: Shortcut): boolean {
  return scopeOf()?.matches('dialog') ? group === 'move' : true;
}

/** The key by what stands on it, or by its place where no Latin letter does; null: none of ours. */
function keyOf(event: KeyboardEvent): string | null {
  const { key, code, ctrlKey, metaKey, altKey, shiftKey } = event;
  if (ctrlKey || metaKey || altKey || event.isComposing || event.defaultPrevented) return null;
  if (key === 'Enter') return key;
  if ([...key].length !== 1) return null;
  if (/[a-z]/i.test(key)) return shiftKey ? key.toUpperCase() : key.toLowerCase();
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  // A letter of another script; a sign such as "?" may be anywhere, with or without Shift.
  if (letter && /\p{L}/u.test(key)) return shiftKey ? letter : letter.toLowerCase();
  return key;
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest(TYPING)) return true;
  return document.querySelector('[popover=auto]:popover-open') !== null;
}
