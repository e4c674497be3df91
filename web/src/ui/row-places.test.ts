import { describe, expect, test } from 'vitest';
import { rowAt, startsOf } from './row-places';

const starts = startsOf([100, 50, 0, 200]);

describe('where rows are', () => {
  test('each begins where the ones above it end', () => {
    expect(starts).toEqual([0, 100, 150, 150, 350]);
    expect(startsOf([])).toEqual([0]);
  });

  test.each([
    [-500, 0],
    [0, 0],
    [99, 0],
    [100, 1],
    [149, 1],
    [150, 3],
    [9_000, 3],
  ])('at %d px is row %d', (y, row) => {
    expect(rowAt(starts, y)).toBe(row);
  });

  test('an empty list has its beginning', () => {
    expect(rowAt(startsOf([]), 40)).toBe(0);
  });
});
