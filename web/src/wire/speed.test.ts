import { expect, test } from 'vitest';
import type { Frame, Noun } from './protocol';
import { quantile, Speed } from './speed';

const SERVER = Date.parse('2026-01-01T00:00:00.000Z');
/** This machine's clock is an hour ahead. */
const HERE = SERVER + 3_600_000;

const at = (ms: number) => new Date(SERVER + ms).toISOString();
const welcome = (resumed: boolean) => ({ type: 'welcome', cursor: 'c', resumed }) as Frame;
const beat = (ms: number) => ({ type: 'heartbeat', cursor: 'c', now: at(ms) }) as Frame;
const post = (ms: number, more: object = {}) =>
  ({ kind: 'post', id: '1', deleted: false, created_at: at(ms), ...more }) as Noun;

test('a delivery is timed by the server’s clock, whatever this machine’s says', () => {
  const speed = new Speed();
  speed.heard(welcome(false), HERE);
  for (let n = 1; n <= 100; n += 1) speed.shown(post(n * 1000), HERE + n * 1000 + 500 + n);
  expect(speed.report(HERE).delays).toEqual([]);
  speed.heard(beat(200_000), HERE + 200_030);
  speed.heard(beat(220_000), HERE + 220_000);
  const { delays, ahead } = speed.report(HERE + 221_000);
  expect(ahead).toBe(3_600_000);
  expect([0.5, 0.95, 0.99].map((part) => quantile(delays, part))).toEqual([550, 595, 599]);
});

test('what was missed, and what is gone, says nothing of speed', () => {
  const speed = new Speed();
  speed.heard(welcome(false), HERE);
  speed.heard(beat(0), HERE);
  speed.heard(welcome(true), HERE + 60_000);
  speed.shown(post(30_000), HERE + 60_100);
  speed.shown(post(70_000, { deleted: true }), HERE + 90_000);
  speed.shown(post(80_000), HERE + 80_120);
  const report = speed.report(HERE + 90_000);
  expect(report.delays).toEqual([120]);
  expect(report).toMatchObject({ resumes: 1, gaps: 0, heartbeatAge: 90_000, cursorAge: 30_000 });
});

test('without deliveries there is nothing to say', () => {
  expect(quantile([], 0.5)).toBeNull();
  expect(new Speed().report(0)).toMatchObject({ heartbeatAge: null, ahead: null, delays: [] });
});
