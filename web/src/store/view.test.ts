import { beforeEach, expect, test, vi } from 'vitest';
import { settled } from '../wire/testing/fakes';
import { counts, post, user } from './testing/nouns';
import { FakeStorage, Stage } from './testing/stage';
import { MemoryVault } from './vault-memory';
import { viewOf } from './view';

let vault: MemoryVault;
let storage: FakeStorage;

beforeEach(() => {
  vault = new MemoryVault(true);
  storage = new FakeStorage();
});

async function page(): Promise<Stage> {
  const stage = new Stage(storage, vault);
  await settled();
  return stage;
}

function home(stage: Stage) {
  const list = stage.state.timelines.get('home');
  return list?.rows.map((row) => (row.kind === 'gap' ? '|' : row.post_id)).join(' ');
}

/** A page that has read home, heard one more post, and kept what it shows. */
async function left(): Promise<void> {
  const stage = await page();
  stage.welcome(user('1'), { cursor: 'e.5' });
  stage.actions.openTimeline('home');
  await stage.ok('timeline.get', { entries: [post('5', '2', { counts: counts('5', 10) })] });
  stage.event('author:2', post('7', '2'));
  stage.socket.say({ type: 'heartbeat', cursor: 'e.8', now: '' });
  stage.clock.pass(2_000);
  await settled();
  stage.realtime.stop();
}

test('the next page begins with the last view, and is told what came since', async () => {
  await left();
  const next = await page();
  expect(next.state.account).toEqual({ state: 'in', user_id: '1' });
  next.actions.openTimeline('home');
  expect(home(next)).toBe('7 5');
  expect(next.state.nouns.counts.get('5')?.v).toBe(10);
  next.socket.onopen?.();
  expect(next.socket.hello).toMatchObject({ cursor: 'e.8' });
  next.welcome(user('1'), { resumed: true, cursor: 'e.8' });
  next.event('author:2', post('9', '2'));
  next.frame();
  expect(home(next)).toBe('9 7 5');
  expect(next.socket.of('timeline.get')).toEqual([]);
});

test('too long away, it says where something is missing', async () => {
  await left();
  const next = await page();
  next.actions.openTimeline('home');
  next.welcome(user('1'), { resumed: false, cursor: 'e.99' });
  expect(home(next)).toBe('| 7 5');
});

test.each([
  ['another account', user('2'), '2'],
  ['nobody', null, null],
])('shown to %s after all, it is gone at once', async (_who, now, id) => {
  await left();
  const next = await page();
  next.welcome(now, { resumed: true });
  expect(next.state.account.user_id).toBe(id);
  expect(next.state.timelines.size).toBe(0);
  expect(next.state.nouns.posts.size).toBe(0);
});

test('signed out, nothing of it is left', async () => {
  await left();
  const next = await page();
  next.welcome();
  const leaving = next.actions.signOut();
  next.http.last('logout').resolve(undefined);
  await leaving;
  expect(await vault.view('1')).toBeNull();
  const last = await page();
  expect(last.state.account.state).toBe('unknown');
});

test('a view holds what its lists need, and no list that is on its way', async () => {
  const stage = await page();
  stage.welcome(user('1'), { cursor: 'e.5' });
  stage.actions.openTimeline('home');
  stage.actions.openTimeline('explore');
  const [first] = stage.socket.of('timeline.get');
  stage.socket.say({ type: 'ok', ref: first?.['ref'], result: { entries: [post('5', '2')] } });
  await settled();
  stage.event('post:5', post('6', '3', { reply_to: '5' }));
  stage.frame();
  const view = viewOf(stage.state, 'e.5');
  expect([...(view?.timelines.keys() ?? [])]).toEqual(['home']);
  expect([...(view?.nouns.posts.keys() ?? [])]).toEqual(['5']);
  expect([...(view?.nouns.people.keys() ?? [])].sort()).toEqual(['1', '2']);
  expect(viewOf(stage.state, null)).toBeNull();
});

test('it is written when it changes, not while a countdown runs', async () => {
  const stage = await page();
  stage.welcome(user('1'), { cursor: 'e.5' });
  stage.clock.pass(2_000);
  const keep = vi.spyOn(vault, 'keepView');
  stage.socket.lose();
  for (let i = 0; i < 4; i += 1) stage.clock.pass(1_000);
  expect(keep).not.toHaveBeenCalled();
  stage.realtime.stop();
});
