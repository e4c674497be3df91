import { describe, expect, test } from 'vitest';
import { flagOf, PAIRS, PATTERNS } from './flag-of';

const ids = Array.from({ length: 2_000 }, (_, n) => String(7_300_000_000_000 + n));

describe('the flag of a person', () => {
  test('is the same every time', () => {
    expect(flagOf('7300000000042')).toEqual(flagOf('7300000000042'));
  });

  test('has two colours that differ', () => {
    for (const [a, b] of PAIRS) expect(a).not.toBe(b);
  });

  test('differs between people who came one after the other', () => {
    const same = ids.filter((id, n) => {
      const next = ids[n + 1];
      return next !== undefined && JSON.stringify(flagOf(id)) === JSON.stringify(flagOf(next));
    });
    expect(same.length).toBeLessThan(ids.length / 50);
  });

  test('uses every pattern and every pair', () => {
    const flags = ids.map(flagOf);
    expect(new Set(flags.map((flag) => flag.pattern)).size).toBe(PATTERNS.length);
    expect(new Set(flags.map((flag) => flag.a + flag.b)).size).toBe(PAIRS.length);
  });
});
