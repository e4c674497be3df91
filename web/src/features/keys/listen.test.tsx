import { screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { draw } from '../../testing/draw';
import { setKeys } from './choice';
import { listen } from './listen';
import { Sheet } from './sheet';
import { SHORTCUTS } from './table';

let stop = () => {};
afterEach(() => {
  stop();
  setKeys(true);
});

/** A page with one post; what was pressed in it. */
function page() {
  const pressed = vi.fn();
  const react = () => pressed('react');
  draw(
    <main id="posts">
      <article data-stop="post 1" tabIndex={-1}>
        <button type="button" data-key="e" onClick={react}>
          React
        </button>
      </article>
      <input aria-label="Words" />
    </main>,
  );
  stop = listen(() => undefined);
  screen.getByRole('article').focus();
  return pressed;
}

function key(init: KeyboardEventInit, at: Element = document.activeElement ?? document.body) {
  const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init });
  at.dispatchEvent(event);
  return event;
}

test.each([
  ['the letter itself', { key: 'e', code: 'KeyE' }, true],
  ['with the shift lock on', { key: 'E', code: 'KeyE' }, true],
  ['where the keys are Cyrillic', { key: 'у', code: 'KeyE' }, true],
  ['where the letter is elsewhere', { key: 'e', code: 'KeyD' }, true],
  ['another Latin letter in its place', { key: 'd', code: 'KeyE' }, false],
  ['with Shift', { key: 'E', code: 'KeyE', shiftKey: true }, false],
  ['with Control', { key: 'e', code: 'KeyE', ctrlKey: true }, false],
  ['with Alt', { key: 'e', code: 'KeyE', altKey: true }, false],
  ['with the command key', { key: 'e', code: 'KeyE', metaKey: true }, false],
  ['held down', { key: 'e', code: 'KeyE', repeat: true }, false],
  ['while a word is composed', { key: 'e', code: 'KeyE', isComposing: true }, false],
])('%s', (_, init, does) => {
  const pressed = page();
  const event = key(init);
  expect(pressed).toHaveBeenCalledTimes(does ? 1 : 0);
  expect(event.defaultPrevented).toBe(does);
});

test('who types is left alone, and so is who has switched the keys off', () => {
  const pressed = page();
  key({ key: 'e', code: 'KeyE' }, screen.getByLabelText('Words'));
  setKeys(false);
  key({ key: 'e', code: 'KeyE' });
  expect(pressed).not.toHaveBeenCalled();
});

test('no key stands for two things', () => {
  const all = SHORTCUTS.map(({ keys }) => keys);
  expect(new Set(all).size).toBe(all.length);
  const firsts = all.filter((keys) => keys.includes(' ')).map((keys) => keys.split(' ')[0] ?? '');
  expect(firsts.filter((first) => all.includes(first))).toEqual([]);
});

test('the sheet lists what a visitor can use, and all of it', () => {
  draw(<Sheet close={() => {}} />);
  const told = screen.getAllByRole('term').map((term) => term.textContent?.replace('then', ''));
  const theirs = SHORTCUTS.filter(({ signed }) => !signed).map(({ keys }) => keys);
  expect(told.map((keys) => keys?.split(/\s+/).join(' ')).sort()).toEqual([...theirs].sort());
});
