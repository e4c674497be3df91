import { beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from './refusal';
import { Session } from './session';
import { aWelcome, FakeClock, FakeNetwork, FakePage } from './testing/fakes';

let clock: FakeClock;
let network: FakeNetwork;
let session: Session;

beforeEach(() => {
  clock = new FakeClock();
  network = new FakeNetwork();
  const listener = {
    welcome: () => undefined,
    event: () => undefined,
    changed: () => undefined,
  };
  session = new Session(network.open, listener, clock, new FakePage());
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

describe('commands', () => {
  test('an answer goes to its question, in whatever order', async () => {
    live();
    const a = session.send('profile.get', { name: 'ada' });
    const b = session.send('profile.get', { name: 'bob' });
    const [first, second] = network.last.of('profile.get');
    network.last.say({ type: 'ok', ref: second?.ref, result: { user: 'b', relation: null } });
    network.last.say({ type: 'ok', ref: first?.ref, result: { user: 'a', relation: null } });
    expect(await Promise.all([a, b])).toMatchObject([{ user: 'a' }, { user: 'b' }]);
  });

  test('an error is a typed refusal', async () => {
    live();
    const asked = caught(session.send('react.set', { post_id: '1', emoji: 'x', on: true }));
    const { ref } = network.last.last('react.set');
    network.last.say({
      type: 'error',
      ref,
      code: 'invalid',
      message: 'One emoji.',
      field: 'emoji',
    });
    const refusal = await asked;
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ code: 'invalid', message: 'One emoji.', field: 'emoji' });
  });

  test('a code of a newer server is our own kind of internal', async () => {
    live();
    const asked = caught(session.send('profile.get', { name: 'ada' }));
    const { ref } = network.last.last('profile.get');
    network.last.say({ type: 'error', ref, code: 'purple', message: 'Words.' });
    expect(await asked).toMatchObject({ code: 'internal', message: 'Words.' });
  });

  test('what was not answered is asked again on the next socket, with the same key', async () => {
    live();
    const key = 'k';
    const posted = session.send('post.create', { key, text: 'hi' });
    network.last.lose();
    clock.pass(30_000);
    live({ resumed: true });
    expect(network.last.last('post.create')).toMatchObject({ key, text: 'hi' });
    network.last.ok('post.create', { post: { id: '1' } });
    await expect(posted).resolves.toMatchObject({ post: { id: '1' } });
  });

  test('a late answer of an old socket answers nothing', () => {
    live();
    void session.send('profile.get', { name: 'ada' });
    const old = network.last;
    const { ref } = old.last('profile.get');
    const hear = old.onmessage;
    old.say({ type: 'goodbye', code: 4000, reason: '', retry_after: 0 });
    clock.pass(1000);
    live({ resumed: true });
    hear?.({ data: JSON.stringify({ type: 'ok', ref, result: {} }) });
    expect(session.line.waiting).toHaveLength(1);
  });

  test('what is only for one socket is refused with it', async () => {
    live();
    const asked = caught(session.send('watch.set', { post_ids: [] }, { again: false }));
    network.last.lose();
    expect(await asked).toMatchObject({ code: 'offline' });
  });

  test('a read that came too early is asked again by itself, a bounded number of times', async () => {
    live();
    const asked = caught(session.send('timeline.get', { name: 'home' }));
    for (let i = 1; i <= 5; i += 1) {
      expect(network.last.of('timeline.get')).toHaveLength(i);
      const { ref } = network.last.last('timeline.get');
      const frame = { type: 'error', ref, code: 'rate_limited', message: 'Wait.', retry_after: 2 };
      network.last.say(frame);
      clock.pass(2_600);
      network.last.say({ type: 'heartbeat', cursor: 'c', now: '' });
    }
    expect(network.last.of('timeline.get')).toHaveLength(5);
    expect(await asked).toMatchObject({ code: 'rate_limited', retry_after: 2 });
  });

  test('a post that came too early is its writer’s to decide', async () => {
    live();
    const asked = caught(session.send('post.create', { key: 'k', text: 'hi' }));
    const { ref } = network.last.last('post.create');
    network.last.say({
      type: 'error',
      ref,
      code: 'rate_limited',
      message: 'Wait.',
      retry_after: 6,
    });
    expect(await asked).toMatchObject({ code: 'rate_limited', retry_after: 6 });
  });

  test('no more wait at the server than it keeps; the others follow', () => {
    live();
    for (let i = 0; i < 40; i += 1) void session.send('profile.get', { name: `n${i}` });
    expect(network.last.of('profile.get')).toHaveLength(24);
    for (const { ref } of network.last.of('profile.get').slice(0, 10)) {
      network.last.say({ type: 'ok', ref, result: {} });
    }
    expect(network.last.of('profile.get')).toHaveLength(34);
  });

  test('one that was called off is not sent, and never answered', async () => {
    session.start();
    const abort = new AbortController();
    const asked = caught(session.send('profile.get', { name: 'ada' }, { signal: abort.signal }));
    abort.abort();
    live();
    expect(await asked).toMatchObject({ code: 'cancelled' });
    expect(network.last.of('profile.get')).toEqual([]);
  });
});
