import { describe, expect, test } from 'vitest';
import { ago, exactly, number, plural, short } from './numbers';

const said = { now: 'now', minutes: (n: number) => `${n} min` };
const noon = new Date(2026, 10, 18, 12, 0, 0);

describe('when something was, as one would say it', () => {
  test.each([
    [new Date(2026, 10, 18, 11, 59, 30), 'now'],
    [new Date(2026, 10, 18, 12, 0, 20), 'now'],
    [new Date(2026, 10, 18, 11, 58, 0), '2 min'],
    [new Date(2026, 10, 18, 9, 4, 0), '09:04'],
    [new Date(2026, 10, 17, 21, 4, 0), 'Tue'],
    [new Date(2026, 10, 15, 9, 0, 0), 'Sun'],
    [new Date(2026, 9, 3, 9, 0, 0), 'Oct 3'],
    [new Date(2024, 9, 3, 9, 0, 0), 'Oct 3, 2024'],
  ])('%s is said as %s', (at, words) => {
    expect(ago(at, noon.getTime(), said)).toBe(words);
  });

  test('the exact time names the year only if it is another', () => {
    expect(exactly(new Date(2026, 10, 14, 21, 4), noon.getTime())).toBe('21:04, November 14');
    expect(exactly(new Date(2025, 10, 14, 21, 4), noon.getTime())).toBe('21:04, November 14, 2025');
  });
});

describe('numbers', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1k'],
    [1_240, '1.2k'],
    [1_500_000, '1.5M'],
  ])('%d is short as %s', (n, words) => {
    expect(short(n)).toBe(words);
  });

  test('long ones are grouped, and words follow them', () => {
    expect(number(1_204)).toBe('1,204');
    expect([0, 1, 2].map((n) => plural(n, 'post', 'posts'))).toEqual(['posts', 'post', 'posts']);
  });
});
