import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { KeptDeed, KeptPost } from './kept';
import { BrowserVault, type Trouble } from './vault';
import type { KeptView } from './view';

import 'fake-indexeddb/auto';

let troubles: Trouble[];
const open = () => new BrowserVault((trouble) => troubles.push(trouble));

beforeEach(() => {
  troubles = [];
  vi.stubGlobal('indexedDB', new IDBFactory());
});

const one = { version: 1, notBefore: 0, at: 1 };
const words = (user: string, key: string, text: string): KeptPost => ({
  ...one,
  what: 'post',
  user,
  key,
  text,
  pictures: [],
  reply_to: null,
  quote_of: null,
  created_at: '',
  refusal: null,
  isFailed: false,
});
const deed = (user: string, on: boolean): KeptDeed => ({
  ...one,
  what: 'deed',
  user,
  key: 'retweet:5',
  token: String(on),
  deed: { type: 'retweet.set', fields: { post_id: '5', on } },
  v: 0,
});

describe('what is unsent', () => {
  test('is there for the next page, with its pictures, and for its own account only', async () => {
    const before = open();
    const file = new Blob(['x'], { type: 'image/png' });
    expect(await before.keep(words('1', 'a', 'mine'), [{ id: 'p', file }])).toBe(true);
    await before.keep(words('12', 'a', 'another’s'));
    await before.keep(deed('1', true));
    await before.keep(deed('1', false));
    const next = open();
    expect(await next.kept('1')).toMatchObject([
      { key: 'a', text: 'mine' },
      { key: 'retweet:5', deed: { fields: { on: false } } },
    ]);
    expect(await next.files('1', 'a')).toMatchObject([{ id: 'p' }]);
    expect(await next.files('12', 'a')).toEqual([]);
    expect(troubles).toEqual([]);
  });

  test('goes with its pictures, one by one or all of an account', async () => {
    const vault = open();
    const files = [{ id: 'p', file: new Blob(['x']) }];
    for (const user of ['1', '2']) {
      for (const key of ['a', 'b']) await vault.keep(words(user, key, 'x'), files);
    }
    await vault.drop('1', 'a');
    expect(await vault.kept('1')).toMatchObject([{ key: 'b' }]);
    expect(await vault.files('1', 'a')).toEqual([]);
    await vault.forget('1');
    expect(await vault.kept('1')).toEqual([]);
    expect(await vault.files('1', 'b')).toEqual([]);
    expect(await vault.kept('2')).toHaveLength(2);
  });

  test('is told from what only stands in a composer, which goes with its account, too', async () => {
    const vault = open();
    const picture = { id: 'p', name: 'a.png', alt: '', media: null };
    const begun = { what: 'shelved', user: '1', key: 'shelved p', at: 1, bytes: 1 } as const;
    await vault.keep({ ...begun, slot: 'home', picture }, [{ id: 'p', file: new Blob(['x']) }]);
    await vault.keep(words('1', 'a', 'mine'));
    expect(await open().shelved('1')).toMatchObject([{ slot: 'home', picture }]);
    expect(await open().kept('1')).toMatchObject([{ key: 'a' }]);
    expect(await open().shelved('2')).toEqual([]);
    expect(await vault.files('1', 'shelved p')).toHaveLength(1);
    await vault.forget('1');
    expect(await vault.shelved('1')).toEqual([]);
  });

  test('is read by a build that does not know all of it', async () => {
    const vault = open();
    await vault.keep({ ...words('1', 'a', 'x'), what: 'later' } as unknown as KeptPost);
    expect(await vault.kept('1')).toEqual([]);
  });
});

test('a view is its own account’s, and of this build’s shape', async () => {
  const vault = open();
  const view = { build: 2, user: '1', cursor: 'c' } as KeptView;
  await vault.keepView(view);
  expect(await vault.view('1')).toEqual(view);
  expect(await vault.view('2')).toBeNull();
  await vault.keepView({ ...view, build: 0 });
  expect(await vault.view('1')).toBeNull();
  await vault.keepView(view);
  await vault.dropViews();
  expect(await vault.view('1')).toBeNull();
});

describe('where nothing can be kept', () => {
  test('that is told, and the page keeps what it has', async () => {
    vi.stubGlobal('indexedDB', {
      open: () => {
        throw new DOMException('Not here.', 'SecurityError');
      },
    });
    const vault = open();
    expect(await vault.keep(words('1', 'a', 'x'))).toBe(false);
    expect(await vault.kept('1')).toMatchObject([{ text: 'x' }]);
    expect(new Set(troubles)).toEqual(new Set(['none']));
  });

  test('for want of room, that is told', async () => {
    vi.stubGlobal('indexedDB', {
      open: () => {
        throw new DOMException('Full.', 'QuotaExceededError');
      },
    });
    expect(await open().keep(words('1', 'a', 'x'))).toBe(false);
    expect(troubles).toEqual(['full']);
  });
});
