import { act, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Connection } from '../store/types';
import { draw } from '../testing/draw';
import { Head } from './head';

const live: Connection = {
  state: 'live',
  retryInSeconds: null,
  stopped: false,
  reason: '',
  wasLive: true,
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const later = (ms: number) => act(() => vi.advanceTimersByTime(ms));

test('a live connection is a lamp and no words', () => {
  draw(<Head title="Home" />, { connection: live });
  later(5_000);
  expect(screen.getByRole('img', { name: 'Live' })).toBeTruthy();
  expect(screen.getByRole('status').textContent).toBe('');
});

test('a short break is not told, a longer one is, with a way to try at once', () => {
  const off: Connection = { ...live, state: 'off', retryInSeconds: 3 };
  draw(<Head title="Home" />, { connection: off });
  expect(screen.getByRole('status').textContent).toBe('');
  later(2_000);
  const said = screen.getByRole('status').textContent;
  expect(said).toBe('Reconnecting in 3 s. What you write is kept and sent.');
  expect(screen.getByRole('button', { name: 'Try now' })).toBeTruthy();
});

test('a connection that will not come back by itself says why', () => {
  draw(<Head title="Home" />, {
    connection: { ...live, state: 'off', stopped: true, reason: 'Too many windows.' },
  });
  expect(screen.getByRole('status').textContent).toBe('Too many windows.');
  expect(screen.getByRole('button', { name: 'Load again' })).toBeTruthy();
});

test('whoever was signed out elsewhere is asked to sign in', () => {
  draw(<Head title="Home" />, {
    connection: { ...live, state: 'off' },
    account: { state: 'ended', user_id: '1' },
  });
  expect(screen.getByRole('status').textContent).toBe('You were signed out on this device.');
  expect(screen.getByRole('button', { name: 'Sign in' })).toBeTruthy();
});
