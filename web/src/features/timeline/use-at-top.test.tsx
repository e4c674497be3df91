import { act, fireEvent } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { draw } from '../../testing/draw';
import { useAtTop } from './use-at-top';

function List() {
  useAtTop('home');
  return (
    <div role="feed" aria-label="Home">
      <button type="button">a post</button>
    </div>
  );
}

function scrollTo(y: number): void {
  Object.defineProperty(window, 'scrollY', { value: y, configurable: true });
  fireEvent.scroll(window);
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  scrollTo(0);
});

test('what is new may show at once at the top, and waits while the reader is further down', () => {
  const setAtTop = vi.fn();
  draw(<List />, {}, { setAtTop });
  expect(setAtTop).toHaveBeenLastCalledWith('home', true);
  scrollTo(500);
  expect(setAtTop).toHaveBeenLastCalledWith('home', false);
  scrollTo(0);
  expect(setAtTop).toHaveBeenLastCalledWith('home', true);
});

test('nothing moves below a hand: it waits until the hand has rested', () => {
  const setAtTop = vi.fn();
  const { getByRole } = draw(<List />, {}, { setAtTop });
  fireEvent.pointerMove(getByRole('button'));
  expect(setAtTop).toHaveBeenLastCalledWith('home', false);
  act(() => vi.advanceTimersByTime(3_000));
  expect(setAtTop).toHaveBeenLastCalledWith('home', true);
});

test('a hand elsewhere on the page holds nothing back', () => {
  const setAtTop = vi.fn();
  draw(<List />, {}, { setAtTop });
  setAtTop.mockClear();
  fireEvent.pointerMove(document.body);
  expect(setAtTop).not.toHaveBeenCalled();
});
