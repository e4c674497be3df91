import { beforeEach, describe, expect, test, vi } from 'vitest';
import { settled } from '../wire/testing/fakes';
import { post, user } from './testing/nouns';
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
  vi.stubGlobal(
    'URL',
    Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: () => {} }),
  );
});

async function page(who = '1'): Promise<Stage> {
  const stage = new Stage(storage, vault, windows.another());
  await settled();
  stage.welcome(user(who));
  await settled();
  return stage;
}

const image = (name = 'a.png', bytes = 1) =>
  new File(['x'.repeat(bytes)], name, { type: 'image/png' });
const standing = (stage: Stage, slot = 'home') => stage.state.pictures.get(slot) ?? [];
const names = (stage: Stage, slot?: string) => standing(stage, slot).map(({ name }) => name);

async function add(stage: Stage, ...files: File[]): Promise<void> {
  stage.actions.addPictures('home', files);
  await settled();
}

describe('the next page', () => {
  test('has the pictures of its composers, as they were described, and uploads what was not', async () => {
    const one = await page();
    await add(one, image('a.png'), image('b.png'));
    one.http.last('upload').resolve(media('77'));
    await settled();
    const [a] = standing(one);
    one.actions.describePicture('home', a?.id ?? '', 'A boat');
    await settled();
    one.realtime.stop();
    const two = await page();
    expect(standing(two)).toMatchObject([
      { name: 'a.png', alt: 'A boat', state: 'uploading' },
      { name: 'b.png', state: 'ready', media: { id: '77' } },
    ]);
    expect(two.http.calls.map(({ args }) => args)).toEqual([['a.png', 'A boat']]);
    two.http.last('upload').resolve(media('78', { alt: 'A boat' }));
    await settled();
    two.actions.post('home', '');
    await settled();
    expect(two.socket.last('post.create')).toMatchObject({ media: ['78', '77'] });
  });

  test('has nothing of what was posted, taken out, refused for itself, or another’s', async () => {
    const one = await page();
    await add(one, image('posted.png'));
    one.http.last('upload').resolve(media('77'));
    await settled();
    one.actions.post('home', 'with a picture');
    await settled();
    await one.ok('post.create', { post: post('9', '1', { text: 'with a picture' }) });
    await add(one, image('out.png'), new File(['x'], 'wrong.txt', { type: 'text/plain' }));
    one.actions.removePicture('home', standing(one)[0]?.id ?? '');
    await settled();
    expect(await vault.shelved('1')).toEqual([]);
    await add(one, image('mine.png'));
    one.realtime.stop();
    expect(names(await page('2'))).toEqual([]);
    expect(names(await page('1'))).toEqual(['mine.png']);
  });

  test('has them still when what it sent was taken apart again', async () => {
    const one = await page();
    one.socket.lose();
    await add(one, image());
    const key = one.actions.post('home', 'not so');
    await settled();
    expect(await vault.shelved('1')).toEqual([]);
    one.actions.editDraft(key);
    await settled();
    one.realtime.stop();
    expect(names(await page())).toEqual(['a.png']);
  });

  test('has none that are too old', async () => {
    const one = await page();
    await add(one, image());
    one.realtime.stop();
    const later = Date.now() + 15 * 24 * 3600 * 1000;
    vi.spyOn(Date, 'now').mockReturnValue(later);
    expect(names(await page())).toEqual([]);
    expect(await vault.shelved('1')).toEqual([]);
    vi.restoreAllMocks();
  });
});

test('what one window has posted stands in the composer of no other', async () => {
  const one = await page();
  await add(one, image('ours.png'));
  one.http.last('upload').resolve(media('77'));
  await settled();
  const two = await page();
  await add(two, image('its own.png'));
  expect(names(two)).toEqual(['ours.png', 'its own.png']);
  one.actions.post('home', 'here');
  await settled();
  expect(names(two)).toEqual(['its own.png']);
  expect(await vault.shelved('1')).toMatchObject([{ picture: { name: 'its own.png' } }]);
});

test('more than there is room for is not kept, and stands here all the same', async () => {
  const one = await page();
  const large = image('large.png');
  Object.defineProperty(large, 'size', { value: 15 * 2 ** 20 });
  for (const slot of ['home', 'reply:5'] as const) {
    one.actions.addPictures(slot, [large, large, large, large]);
  }
  await settled();
  expect([names(one).length, names(one, 'reply:5').length]).toEqual([4, 4]);
  expect(await vault.shelved('1')).toHaveLength(6);
});

test('signing out is asked about for pictures too, and leaves none', async () => {
  const one = await page();
  await add(one, image());
  expect(one.actions.unsent()).toBe(1);
  const leaving = one.actions.signOut();
  one.http.last('logout').resolve(undefined);
  await leaving;
  await settled();
  expect(await vault.shelved('1')).toEqual([]);
});
