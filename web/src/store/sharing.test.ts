import { beforeEach, expect, test } from 'vitest';
import { settled } from '../wire/testing/fakes';
import { post, user } from './testing/nouns';
import { FakeStorage, Stage } from './testing/stage';
import { MemoryVault } from './vault-memory';

let stage: Stage;

beforeEach(() => {
  stage = new Stage();
  stage.welcome();
});

const told = (seq: number, draft: object | null) => {
  stage.event('me:1', { kind: 'draft', seq, draft });
  stage.frame();
};

test('what is typed is told after a pause, once, with its composer', () => {
  for (const text of ['h', 'he', 'hello']) stage.actions.keepText('reply:5', text);
  expect(stage.socket.of('draft.set')).toEqual([]);
  stage.clock.pass(1_000);
  expect(stage.socket.of('draft.set')).toMatchObject([
    { draft: { slot: 'reply:5', text: 'hello' } },
  ]);
});

test('what was posted is taken back in every window', async () => {
  stage.actions.keepText('home', 'hello');
  stage.clock.pass(1_000);
  stage.actions.post('home', 'hello');
  expect(stage.socket.last('draft.set')).toMatchObject({ draft: null });
  await stage.ok('post.create', { post: post('9', '1', { text: 'hello' }) });
});

test('another window’s words are shown, and go when it has posted them', () => {
  told(5, { slot: 'home', text: 'begun elsewhere' });
  expect(stage.actions.keptText('home')).toBe('begun elsewhere');
  expect(stage.state.begun).toEqual({ slot: 'home', text: 'begun elsewhere' });
  told(4, { slot: 'home', text: 'older' });
  expect(stage.actions.keptText('home')).toBe('begun elsewhere');
  told(6, null);
  expect(stage.actions.keptText('home')).toBe('');
});

test('what is being typed here is not taken away, nor is what this window said itself', () => {
  stage.actions.keepText('home', 'mine');
  told(5, { slot: 'home', text: 'theirs' });
  expect(stage.actions.keptText('home')).toBe('mine');
  stage.clock.pass(1_000);
  stage.actions.keepText('home', 'mine, and more');
  stage.clock.pass(1_000);
  told(6, { slot: 'home', text: 'mine, and more' });
  expect(stage.state.begun).toBeNull();
});

test('the late echo of what was typed does not take back what was typed since', () => {
  for (const text of ['he', 'hello']) {
    stage.actions.keepText('home', text);
    stage.clock.pass(1_000);
  }
  told(5, { slot: 'home', text: 'he' });
  expect(stage.actions.keptText('home')).toBe('hello');
  told(6, { slot: 'home', text: 'hello' });
  told(7, { slot: 'home', text: 'he' });
  expect(stage.actions.keptText('home')).toBe('he');
});

test('a welcome’s draft fills an empty composer only; anything else in it is nobody’s harm', () => {
  const first = new Stage();
  first.welcome(user('1'), { draft: { slot: 'home', text: 'from the phone' } });
  expect(first.actions.keptText('home')).toBe('from the phone');
  const second = new Stage(first.storage);
  second.welcome(user('1'), { draft: { slot: 'home', text: 'another' } });
  expect(second.actions.keptText('home')).toBe('from the phone');
  told(7, { slot: '"] *', text: 'x' });
  told(8, { of: 'another client' });
  expect(stage.state.begun).toBeNull();
});

test('what was posted as the connection broke does not come back into the composer', async () => {
  const begun = { slot: 'home', text: 'hello' };
  stage.actions.keepText('home', 'hello');
  stage.clock.pass(1_000);
  await stage.ok('draft.set', { draft: begun });
  stage.actions.post('home', 'hello');
  await stage.comeBack({ resumed: true, draft: begun });
  expect(stage.actions.keptText('home')).toBe('');
  expect(stage.state.begun).toBeNull();
  expect(stage.socket.last('draft.set')).toMatchObject({ draft: null });
});

test('nor does it on the next page, which finds the post unsent', async () => {
  const begun = { slot: 'home', text: 'hello' };
  const [storage, vault] = [new FakeStorage(), new MemoryVault()];
  const first = new Stage(storage, vault);
  await settled();
  first.welcome();
  first.actions.keepText('home', 'hello');
  first.clock.pass(1_000);
  first.socket.lose();
  first.actions.post('home', 'hello');
  await settled();
  first.realtime.stop();
  const second = new Stage(storage, vault);
  await settled();
  second.welcome(user('1'), { draft: begun });
  await settled();
  second.clock.pass(1_000);
  expect(second.actions.keptText('home')).toBe('');
  expect(second.socket.last('draft.set')).toMatchObject({ draft: null });
  expect(second.state.drafts).toMatchObject([{ text: 'hello' }]);
});

test('what another device posted or went on with while one was away is so after the break', async () => {
  told(5, { slot: 'home', text: 'begun' });
  await stage.comeBack({ resumed: true, draft: { slot: 'home', text: 'begun, and more' } });
  expect(stage.actions.keptText('home')).toBe('begun, and more');
  await stage.comeBack({ resumed: true, draft: null });
  told(9, null);
  expect(stage.actions.keptText('home')).toBe('');
  expect(stage.state.begun).toMatchObject({ text: '', ended: 'begun, and more' });
});
