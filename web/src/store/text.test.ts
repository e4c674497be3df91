import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  excessFrom,
  foldName,
  graphemes,
  hashtags,
  links,
  measure,
  mentions,
  normal,
  pieces,
} from './text';

interface Case {
  why: string;
  text: string;
  ok: boolean;
  normal?: string;
  graphemes?: number;
  mentions?: string[];
  hashtags?: string[];
  links?: string[];
}

const path = '../tests/vectors/text.json';
const vectors = JSON.parse(readFileSync(path, 'utf8')) as {
  limits: { text: number };
  cases: Case[];
};

test.each(vectors.cases.filter((c) => c.ok))('the server takes it: $why', (one) => {
  const found = measure(one.text);
  expect(found.forbidden).toBe(false);
  expect(found.empty).toBe(false);
  expect(found.graphemes).toBe(one.graphemes);
  expect(found.graphemes).toBeLessThanOrEqual(vectors.limits.text);
  expect(normal(one.text)).toBe(one.normal);
  expect(mentions(one.normal ?? '')).toEqual(one.mentions);
  expect(hashtags(one.normal ?? '')).toEqual(one.hashtags);
  expect(links(one.normal ?? '')).toEqual(one.links);
});

test.each(vectors.cases.filter((c) => !c.ok))('the server refuses it: $why', ({ text }) => {
  const { forbidden, empty, graphemes: n } = measure(text);
  expect(forbidden || empty || n > vectors.limits.text).toBe(true);
});

test('the pieces joined are the text, whatever it is', () => {
  for (const { text } of vectors.cases) {
    expect(
      pieces(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  }
});

test('only http and https make a link', () => {
  const text = 'javascript:alert(1) http://a.example data:text/html,x ftp://b.example';
  expect(links(text)).toEqual(['http://a.example']);
});

test.each([
  ['abcdef', 3, 3],
  ['abc', 3, 3],
  ['  abcdef', 3, 5],
  ['👨‍👩‍👧‍👦👍🏽x', 2, '👨‍👩‍👧‍👦👍🏽'.length],
  ['abc   ', 3, 6],
])('the excess of %j behind %i begins at %i', (text, limit, at) => {
  expect(excessFrom(text, limit)).toBe(at);
});

test('names are compared folded, without the @', () => {
  expect(foldName('@Ada_L')).toBe('ada_l');
  expect(foldName('ＡＤＡ')).toBe('ada');
});

test('a newline counts as one, ASCII or not', () => {
  expect(graphemes('a\nb')).toBe(3);
  expect(graphemes('ä\nb')).toBe(3);
});
