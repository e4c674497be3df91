import { expect, test } from 'vitest';
import { questionOf, searchPath } from './search-address';

test.each([
  ['two words', 'posts'],
  ['#ferry & 100 % ?', 'people'],
  ['日本 مرحبا 👍🏽', 'posts'],
  ['a+b=c', 'posts'],
] as const)('%s is asked for by its address', (q, kind) => {
  const { search } = new URL(searchPath(q, kind), 'http://here.example');
  expect(questionOf(search)).toEqual({ q, kind });
});

test('an address without a question has none', () => {
  expect(searchPath('')).toBe('/search');
  expect(questionOf('')).toEqual({ q: '', kind: 'posts' });
  expect(questionOf('?q=%20&kind=else')).toEqual({ q: '', kind: 'posts' });
});

test('what is too long for the server is cut, never within a character', () => {
  expect(questionOf(`?q=${'👍'.repeat(300)}`).q).toBe('👍'.repeat(200));
});
