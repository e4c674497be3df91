import { beforeEach, describe, expect, test } from 'vitest';
import { settled } from '../wire/testing/fakes';
import { counts, mine, post, user } from './testing/nouns';
import { FakeStorage, media, Stage } from './testing/stage';
import { FakeWindows } from './testing/windows';
import { MemoryVault } from './vault-memory';

let vault: MemoryVault;
let windows: FakeWindows;
let storage: FakeStorage;

beforeEach(() => {
  vault = new MemoryVault(true);
  windows = new FakeWindows();
  storage = new FakeStorage();
});

async function page(who: string | null = '1'): Promise<Stage> {
  const stage = new Stage(storage, vault, windows.another());
  await settled();
  if (who !== null) stage.welcome(user(who));
  await settled();
  return stage;
}

const asked = (stage: Stage, type: string) => stage.socket.of(type);
const stance = (on: boolean) => ({
  counts: counts('5', 11),
  mine: mine('5', 11, { reactions: on ? ['👍'] : [] }),
});

describe('two windows', () => {
  test('show what one of them writes, and one of them sends it', async () => {
    const [one, two] = [await page(), await page()];
    one.actions.post('home', 'hello');
    await settled();
    expect(two.state.drafts).toMatchObject([{ text: 'hello', state: 'sending' }]);
    expect(asked(one, 'post.create')).toHaveLength(1);
    expect(asked(two, 'post.create')).toHaveLength(0);
    await one.ok('post.create', { post: post('9', '1', { text: 'hello' }) });
    for (const each of [one, two]) {
      expect(each.state.drafts).toEqual([]);
      expect(each.state.nouns.posts.get('9')?.text).toBe('hello');
    }
    expect(await vault.kept('1')).toEqual([]);
  });

  test('what one begins in answer to the other’s draft answers its post', async () => {
    const [one, two] = [await page(), await page()];
    const key = one.actions.post('home', 'hello');
    await settled();
    two.actions.keepText(`reply:${key}`, 'and');
    await one.ok('post.create', { post: post('9', '1', { text: 'hello' }) });
    expect(two.actions.keptText('reply:9')).toBe('and');
    two.actions.post(`reply:${key}`, 'and more');
    await settled();
    expect(two.socket.last('post.create')).toMatchObject({ reply_to: '9' });
  });

  test('one that lost its connection leaves the sending to the other, with the same key', async () => {
    const [one, two] = [await page(), await page()];
    one.actions.post('home', 'hello');
    await settled();
    const [first] = asked(one, 'post.create');
    one.socket.lose();
    await settled();
    two.clock.pass(1_000);
    await settled();
    expect(asked(two, 'post.create')).toMatchObject([{ key: first?.['key'] }]);
  });

  test('an overlay is laid and lifted in both', async () => {
    const [one, two] = [await page(), await page()];
    const done = one.actions.react('5', '👍', true);
    await settled();
    expect(two.state.overlays.posts.get('5')?.reactions.get('👍')?.on).toBe(true);
    await one.ok('react.set', stance(true));
    expect(await done).toBeNull();
    expect(two.state.overlays.posts.size).toBe(0);
    expect(two.state.nouns.mine.get('5')?.reactions).toEqual(['👍']);
    expect(asked(two, 'react.set')).toEqual([]);
  });

  test('of another account neither show nor send it', async () => {
    const [one, two] = [await page('1'), await page('2')];
    one.socket.lose();
    one.actions.post('home', 'mine alone');
    void one.actions.react('5', '👍', true);
    await settled();
    expect(two.state.drafts).toEqual([]);
    expect(two.state.overlays.posts.size).toBe(0);
    expect(two.socket.sent.map(({ type }) => type)).not.toContain('post.create');
  });
});

describe('the next page', () => {
  test('sends the last stance only, in the order of the posts, and each once', async () => {
    const one = await page();
    one.socket.lose();
    one.actions.post('home', 'first');
    one.actions.post('home', 'second');
    void one.actions.react('5', '👍', true);
    void one.actions.react('5', '👍', false);
    void one.actions.react('5', '👍', true);
    void one.actions.updateProfile({ display_name: 'Ada' });
    void one.actions.updateProfile({ avatar: media('7') });
    await settled();
    one.realtime.stop();
    const two = await page();
    expect(asked(two, 'react.set')).toMatchObject([{ emoji: '👍', on: true }]);
    expect(asked(two, 'profile.update')).toMatchObject([{ display_name: 'Ada', avatar: '7' }]);
    expect(asked(two, 'post.create')).toMatchObject([{ text: 'first' }]);
    await two.ok('post.create', { post: post('9', '1', { text: 'first' }) });
    expect(asked(two, 'post.create')).toMatchObject([{ text: 'first' }, { text: 'second' }]);
  });

  test('is told when what was done on the one before is refused', async () => {
    const one = await page();
    one.socket.lose();
    void one.actions.react('5', '👍', true);
    await settled();
    one.realtime.stop();
    const two = await page();
    await two.refuse('react.set', 'not_found');
    expect(two.state.overlays.posts.size).toBe(0);
    expect(two.state.outbox.refused).toMatchObject({ code: 'not_found' });
    expect(await vault.kept('1')).toEqual([]);
  });

  test('of nobody, then of the same account again, sends what was kept', async () => {
    const one = await page();
    one.socket.lose();
    one.actions.post('home', 'not forgotten');
    await settled();
    one.realtime.stop();
    const two = await page(null);
    two.welcome(null);
    await settled();
    expect(two.state.drafts).toEqual([]);
    await two.comeBack({}, user('1'));
    await settled();
    expect(asked(two, 'post.create')).toMatchObject([{ text: 'not forgotten' }]);
  });
});

test('signing out is asked about first, and leaves nothing of this account', async () => {
  const one = await page();
  expect(one.actions.unsent()).toBe(0);
  one.socket.lose();
  one.actions.post('home', 'unsent');
  one.actions.keepText('home', 'half a thought');
  await settled();
  expect(one.actions.unsent()).toBe(2);
  const leaving = one.actions.signOut();
  one.http.last('logout').resolve(undefined);
  await leaving;
  await settled();
  expect(await vault.kept('1')).toEqual([]);
  expect(storage.length).toBe(1); // that somebody signed out, for the other windows
});
