import { describe, expect, test } from 'vitest';
import { german } from './de';
import { en } from './en';
import { regionOf, spokenOf } from './languages';
import { numbers } from './numbers';
import { said } from './said';
import { texts } from './texts';

const de = german(numbers);

describe('which language is spoken', () => {
  test.each([
    [['de-AT', 'en'], 'de', 'de-AT'],
    [['en-GB', 'de'], 'en', 'en-GB'],
    [['fr', 'pt-BR', 'de'], 'de', 'de'],
    [['ja'], 'en', 'en'],
    [[], 'en', 'en'],
    [['dev'], 'en', 'en'],
  ] as const)('of %j it is %s, with the dates of %s', (wanted, language, region) => {
    expect(spokenOf(wanted)).toBe(language);
    expect(regionOf(language, wanted)).toBe(region);
  });
});

describe('every sentence is there in every language', () => {
  test('what is known of refusals in English is known in German', () => {
    expect(Object.keys(de.refused.exact)).toEqual(
      expect.arrayContaining(Object.keys(en.refused.exact)),
    );
  });

  test('no German sentence was left in English', () => {
    // The same word in both languages.
    const alike = new Set([
      'realtime',
      'Live',
      'System',
      'Name',
      'Retweet',
      'Retweets',
      'Follower',
    ]);
    const same = pairs(en, de).filter(([a, b]) => a === b && /[a-z]{3}/i.test(a) && !alike.has(a));
    expect(same).toEqual([]);
  });
});

/** Each plain sentence of one catalogue, with its counterpart in the other. */
function pairs(one: object, other: object): [string, string][] {
  return Object.entries(one).flatMap(([key, value]) => {
    const there: unknown = (other as Record<string, unknown>)[key];
    if (typeof value === 'string') return [[value, String(there)] as [string, string]];
    return typeof value === 'object' && value !== null ? pairs(value, Object(there)) : [];
  });
}

describe('why something was refused', () => {
  test('the server says it in English, unless the page knows better by code and field', () => {
    expect(said('too_many', 'emoji', 'A post takes 8.')).toBe('A post takes 8.');
    expect(said('invalid', 'file', 'Unreadable.')).toBe('This is not a picture that can be shown.');
    expect(said('offline', undefined, '')).toBe('The server cannot be reached.');
    expect(said('of_tomorrow', undefined, '')).toBe(texts.refused.generic);
  });
});
