import { describe, expect, test } from 'vitest';
import { answerTo, cacheOf, evicted, isPageOf, outdated } from './rules';

const HERE = 'https://here.example';
const asked = (url: string, more: object = {}) =>
  answerTo({ method: 'GET', url, isPage: false, isRange: false, ...more }, HERE);

describe('what is answered', () => {
  test.each([
    ['/', 'page'],
    ['/@ada', 'page'],
    ['/@ada/pictures', 'page'],
    ['/post/812', 'page'],
    ['/docs', 'pass'],
    ['/api/export', 'pass'],
    ['/media/a.webp', 'pass'],
    ['/healthz', 'pass'],
    ['/favicon.svg', 'pass'],
    ['/assets/a-1.js', 'pass'],
  ])('%s as a page: %s', (path, answer) => {
    expect(asked(HERE + path, { isPage: true })).toBe(answer);
  });

  test.each([
    ['/assets/a-1.js', 'file'],
    ['/media/a.webp', 'picture'],
    ['/theme.js', 'named'],
    ['/manifest.webmanifest', 'named'],
    ['/', 'pass'],
    ['/api/session', 'pass'],
    ['/ws', 'pass'],
    ['/sw.js', 'pass'],
  ])('%s inside a page: %s', (path, answer) => {
    expect(asked(HERE + path)).toBe(answer);
  });

  test('what changes something, is somewhere else, or is a part of a file passes', () => {
    expect(asked(`${HERE}/`, { method: 'POST', isPage: true })).toBe('pass');
    expect(asked('https://there.example/assets/a-1.js')).toBe('pass');
    expect(asked(`${HERE}/media/a.webp`, { isRange: true })).toBe('pass');
    expect(asked(`${HERE}/assets/a-1.js`, { isRange: true })).toBe('pass');
  });
});

test('the build before is kept for the pages that are still open, older ones go', () => {
  const all = ['other', cacheOf('1'), cacheOf('2'), 'realtime-pictures', cacheOf('3')];
  expect(outdated(all, '3')).toEqual([cacheOf('1')]);
  expect(outdated([cacheOf('3')], '3')).toEqual([]);
});

test('the oldest pictures go first, and no more than must', () => {
  const kept = ['a', 'b', 'c'].map((url) => ({ url, bytes: 10 }));
  expect(evicted(kept, 30)).toEqual([]);
  expect(evicted(kept, 20)).toEqual(['a']);
  expect(evicted(kept, 5)).toEqual(['a', 'b', 'c']);
});

test('a page is kept with its own files only', () => {
  const build = { version: '1', first: ['/assets/index-1.js', '/assets/font.woff2'], later: [] };
  expect(isPageOf('<script src="/assets/index-1.js"></script>', build)).toBe(true);
  expect(isPageOf('<script src="/assets/index-2.js"></script>', build)).toBe(false);
});
