import { beforeEach, expect, test } from 'vitest';
import { post, user } from './testing/nouns';
import { Stage } from './testing/stage';

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
