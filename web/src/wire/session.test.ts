import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Noun } from './protocol';
import { Session } from './session';
import { aWelcome, FakeClock, FakeNetwork, FakePage, settled } from './testing/fakes';

let clock: FakeClock;
let page: FakePage;
let network: FakeNetwork;
let session: Session;
let gaps: boolean[];
let heard: Noun[];

beforeEach(() => {
  clock = new FakeClock();
  page = new FakePage();
  network = new FakeNetwork();
  gaps = [];
  heard = [];
  const listener = {
    welcome: (_: unknown, gap: boolean) => gaps.push(gap),
    event: (_: string, noun: Noun) => heard.push(noun),
    changed: () => undefined,
  };
  session = new Session(network.open, listener, clock, page);
});

/** Connected, welcomed. */
function live(more: object = {}): void {
  if (network.sockets.length === 0) session.start();
  network.last.onopen?.();
  network.last.say(aWelcome(network.last.hello.ref, more));
}

function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'done',
    (thrown: unknown) => thrown,
  );
}

describe('hello', () => {
  test('comes first, without a cursor on a first visit', () => {
    session.start();
    void session.send('profile.get', { name: 'ada' });
    network.last.onopen?.();
    expect(network.last.sent).toEqual([
      { type: 'hello', ref: expect.any(Number), client: 'realtime-web/1' },
    ]);
  });

  test('what was asked before is sent after the welcome, in its order', () => {
    session.start();
    void session.send('profile.get', { name: 'ada' });
    void session.send('post.thread', { post_id: '7' });
    live();
    expect(network.last.sent.map((frame) => frame.type)).toEqual([
      'hello',
      'profile.get',
      'post.thread',
    ]);
  });

  test('a return carries the cursor of the last heartbeat', () => {
    live();
    network.last.say({ type: 'heartbeat', cursor: 'c7', now: '' });
    network.last.lose();
    clock.pass(30_000);
    network.last.onopen?.();
    expect(network.last.hello['cursor']).toBe('c7');
  });

  test('a view that could not be resumed is a gap, a first visit is none', () => {
    live();
    network.last.lose();
    clock.pass(30_000);
    live({ resumed: false });
    network.last.lose();
    clock.pass(30_000);
    live({ resumed: true });
    expect(gaps).toEqual([false, true, false]);
  });

  test('behind is resumed on the same socket, and what is asked meanwhile is answered', async () => {
    live();
    const asked = session.send('profile.get', { name: 'ada' });
    network.last.say({ type: 'behind', cursor: 'c3', count: 40 });
    expect(network.sockets).toHaveLength(1);
    expect(network.last.hello['cursor']).toBe('c3');
    network.last.ok('profile.get', { user: null, relation: null });
    await expect(asked).resolves.toBeDefined();
    network.last.say(aWelcome(network.last.hello.ref, { resumed: true }));
    expect(gaps).toEqual([false, false]);
    expect(session.line.phase).toBe('live');
  });

  test('a database that is down at hello is no broken protocol', () => {
    session.start();
    network.last.onopen?.();
    const { ref } = network.last.hello;
    network.last.say({ type: 'error', ref, code: 'unavailable', message: 'Soon.', retry_after: 3 });
    expect(session.line.phase).toBe('off');
    expect(session.retryInSeconds).toBe(3);
  });

  test('renew begins without a cursor, and refuses what waits', async () => {
    live();
    const asked = caught(session.send('profile.get', { name: 'ada' }));
    session.renew();
    network.last.onopen?.();
    expect(network.last.hello['cursor']).toBeUndefined();
    expect(network.sockets[0]?.isClosed).toBe(true);
    expect(await asked).toMatchObject({ code: 'cancelled' });
  });
});

describe('coming back', () => {
  test.each([1000, 1001, 1005, 1006, 1011, 1012, 4008, 4408])('after %i, with jitter', (code) => {
    live();
    network.last.lose(code);
    expect(session.line.phase).toBe('off');
    clock.pass(499);
    expect(network.sockets).toHaveLength(2);
  });

  test('the waits double, jittered, up to half a minute', () => {
    session.start();
    const waits: number[] = [];
    for (let i = 0; i < 9; i += 1) {
      const lostAt = clock.ms;
      network.last.lose();
      const wait = (session.line.retryAt ?? 0) - lostAt;
      waits.push(wait);
      clock.pass(wait);
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  });

  test('a socket that held begins the waits anew, one that fell at once does not', () => {
    live();
    clock.pass(11_000);
    network.last.lose();
    clock.pass(300);
    live();
    network.last.lose();
    expect((session.line.retryAt ?? 0) - clock.ms).toBe(500);
  });

  test('never while the page is hidden, and at once when it is seen', () => {
    live();
    page.hide();
    network.last.lose();
    clock.pass(600_000);
    expect(network.sockets).toHaveLength(1);
    expect(session.retryInSeconds).toBeNull();
    page.show();
    expect(network.sockets).toHaveLength(2);
  });

  test('at once when the network is back', () => {
    session.start();
    for (let i = 0; i < 6; i += 1) {
      network.last.lose();
      clock.pass(i < 5 ? 30_000 : 0);
    }
    const { length } = network.sockets;
    page.online();
    expect(network.sockets).toHaveLength(length + 1);
  });

  test('a goodbye counts as its code, though the browser shows 1006', () => {
    live();
    const frame = {
      type: 'goodbye',
      code: 4000,
      reason: 'Restart.',
      retry_after: 2.4,
      cursor: 'c9',
    };
    network.last.say(frame);
    network.last.lose(1006);
    expect(session.retryInSeconds).toBe(3);
    clock.pass(2_300);
    expect(network.sockets).toHaveLength(1);
    clock.pass(200);
    network.last.onopen?.();
    expect(network.last.hello['cursor']).toBe('c9');
  });

  test('4429 comes back after what was told', () => {
    live();
    network.last.say({ type: 'goodbye', code: 4429, reason: 'Too many.', retry_after: 20 });
    expect(session.retryInSeconds).toBe(20);
  });

  test('4401 ends it, and says so to what waits', async () => {
    live();
    const asked = caught(session.send('profile.get', { name: 'ada' }));
    network.last.say({ type: 'goodbye', code: 4401, reason: 'You are signed out.' });
    expect(session.line.phase).toBe('ended');
    expect(await asked).toMatchObject({ code: 'ended', message: 'You are signed out.' });
    expect(await caught(session.send('profile.get', { name: 'a' }))).toMatchObject({
      code: 'ended',
    });
    clock.pass(600_000);
    page.show();
    expect(network.sockets).toHaveLength(1);
  });

  test('4400 stops it, with the reason', () => {
    live();
    network.last.say({ type: 'goodbye', code: 4400, reason: 'Not our protocol.' });
    clock.pass(600_000);
    expect(session.line).toMatchObject({ phase: 'stopped', reason: 'Not our protocol.' });
    expect(network.sockets).toHaveLength(1);
  });

  test('the seconds are told as they pass', () => {
    const told: (number | null)[] = [];
    const changed = (s: Session) => told.push(s.retryInSeconds);
    const listener = { welcome: () => undefined, event: () => undefined, changed };
    const quiet = new Session(network.open, listener, clock, page);
    quiet.start();
    network.last.say({ type: 'goodbye', code: 4000, reason: '', retry_after: 3 });
    clock.pass(2_900);
    expect(told.filter((s) => s !== null)).toEqual([3, 2, 1]);
  });
});

describe('signs of life', () => {
  test('45 s without a frame is a dead socket, whatever the browser says', () => {
    live();
    clock.pass(44_000);
    expect(session.line.phase).toBe('live');
    network.last.say({ type: 'heartbeat', cursor: 'c2', now: '' });
    clock.pass(44_999);
    expect(session.line.phase).toBe('live');
    clock.pass(1);
    expect(session.line.phase).toBe('off');
    expect(network.last.isClosed).toBe(true);
  });

  test('a frame that is not ours is a sign of life too, and harms nothing', () => {
    live();
    clock.pass(40_000);
    network.last.onmessage?.({ data: 'not json' });
    network.last.say({ type: 'of the future', x: 1 });
    clock.pass(40_000);
    expect(session.line.phase).toBe('live');
  });

  test('after a sleep a silent socket is not waited for', () => {
    live();
    page.hide();
    clock.ms += 3_600_000;
    page.show();
    expect(network.sockets).toHaveLength(2);
    expect(network.sockets[0]?.isClosed).toBe(true);
  });

  test('one that was heard a moment ago stays when the page is seen again', () => {
    live();
    page.hide();
    clock.pass(5_000);
    page.show();
    expect(network.sockets).toHaveLength(1);
  });

  test('a socket that never opens, or is never welcomed, is given up', () => {
    session.start();
    clock.pass(15_000);
    expect(network.sockets[0]?.isClosed).toBe(true);
    expect(session.line.phase).toBe('off');
    clock.pass(1_000);
    network.last.onopen?.();
    clock.pass(15_000);
    expect(network.sockets[1]?.isClosed).toBe(true);
  });
});

test('events are handed over in their order', () => {
  live();
  const noun = (seq: number) => ({ kind: 'user', id: '1', seq });
  for (const seq of [1, 2, 3]) network.last.say({ type: 'event', topic: 'me:1', noun: noun(seq) });
  expect(heard.map((one) => 'seq' in one && one.seq)).toEqual([1, 2, 3]);
});

test('stop lets go of everything', async () => {
  live();
  const asked = caught(session.send('profile.get', { name: 'ada' }));
  session.stop();
  expect(await asked).toMatchObject({ code: 'cancelled' });
  expect(network.last.isClosed).toBe(true);
  clock.pass(600_000);
  await settled();
  expect(network.sockets).toHaveLength(1);
});

test('an answer may ask: questions inside the listener keep their order', () => {
  const asking = vi.fn(() => void inner.send('watch.set', { post_ids: [] }, { again: false }));
  const listener = { welcome: asking, event: () => undefined, changed: () => undefined };
  const inner: Session = new Session(network.open, listener, clock, page);
  inner.start();
  void inner.send('profile.get', { name: 'ada' });
  network.last.onopen?.();
  network.last.say(aWelcome(network.last.hello.ref));
  expect(network.last.sent.map((f) => f.type)).toEqual(['hello', 'profile.get', 'watch.set']);
});
