import { expect, test } from 'vitest';
import { Edit, NO_NOUNS, put, sweep } from './nouns';
import { author, counts, gone, mine, post, relation, retweet, user } from './testing/nouns';

test.each([
  ['newer after older', 2, 3, 'b'],
  ['equal applies again', 3, 3, 'b'],
  ['older after newer changes nothing', 3, 2, 'a'],
])('a post: %s', (_, first, second, text) => {
  const a = post('5', '1', { seq: first, text: 'a' });
  const b = post('5', '1', { seq: second, text: 'b' });
  expect(put(NO_NOUNS, a, b).posts.get('5')?.text).toBe(text);
});

test.each([
  [2, 3, 3],
  [3, 3, 3],
  [3, 2, 3],
])('counts and mine: v %i, then %i, is %i', (first, second, kept) => {
  const nouns = put(
    NO_NOUNS,
    counts('5', first, { retweets: first }),
    mine('5', first),
    counts('5', second, { retweets: second }),
    mine('5', second),
  );
  expect(nouns.counts.get('5')).toMatchObject({ v: kept, retweets: kept });
  expect(nouns.mine.get('5')?.v).toBe(kept);
});

test('a page that was read before a delete can’t bring the post back', () => {
  const one = post('5', '1');
  const nouns = put(NO_NOUNS, one, gone(one, 9), one);
  expect(nouns.posts.get('5')).toMatchObject({ deleted: true, text: '', seq: 9 });
});

test('a post brings its author, its parent’s author, the quoted one, counts and mine', () => {
  const quoted = post('3', '8', { text: 'quoted' });
  const whole = post('5', '1', {
    quote_of: '3',
    quoted,
    reply_to: '2',
    parent: { id: '2', author: author('7') },
    counts: counts('5', 6, { retweets: 2 }),
    mine: mine('5', 6, { retweeted: true }),
  });
  const nouns = put(NO_NOUNS, whole);
  expect([...nouns.people.keys()].sort()).toEqual(['1', '7', '8']);
  expect(nouns.posts.get('5')).toMatchObject({ quoted_id: '3', parent_author_id: '7' });
  expect(nouns.posts.get('3')?.text).toBe('quoted');
  expect(nouns.counts.get('5')?.retweets).toBe(2);
  expect(nouns.mine.get('5')?.retweeted).toBe(true);
  expect(nouns.names.get('n7')).toBe('7');
});

test('a quoted post that is shown inside another keeps what it quotes itself', () => {
  const inner = post('3', '1', { quote_of: '2', quoted: post('2', '1') });
  const { quoted: _, ...nested } = inner;
  const nouns = put(NO_NOUNS, inner, post('5', '1', { quote_of: '3', quoted: nested }));
  expect(nouns.posts.get('3')?.quoted_id).toBe('2');
});

test('a quote whose quoted post was hidden since comes without it', () => {
  const whole = post('5', '1', { quote_of: '3', quoted: post('3', '8') });
  const { quoted: _, ...bare } = whole;
  expect(put(NO_NOUNS, whole, bare).posts.get('5')?.quoted_id).toBeNull();
});

test('the line of a newer post renames, and the long part of a profile stays', () => {
  const whole = user('1', { seq: 4, bio: 'hello', followers: 7 });
  const later = post('9', '1', { author: author('1', { seq: 6, display_name: 'New' }) });
  const nouns = put(NO_NOUNS, whole, later);
  expect(nouns.people.get('1')).toMatchObject({
    display_name: 'New',
    about: { bio: 'hello', followers: 7 },
  });
});

test('an older line changes nothing; a profile of the same seq brings fresh numbers', () => {
  const nouns = put(
    NO_NOUNS,
    user('1', { seq: 4, followers: 7 }),
    post('9', '1', { author: author('1', { seq: 2, display_name: 'Old' }) }),
    user('1', { seq: 4, followers: 8 }),
  );
  expect(nouns.people.get('1')).toMatchObject({ display_name: 'N 1', about: { followers: 8 } });
});

test('an account that is gone takes its posts and retweets along, for late pages too', () => {
  const theirs = post('5', '1');
  const passed = retweet('6', '1', post('4', '2'));
  const nouns = put(NO_NOUNS, theirs, passed, user('1', { seq: 9, deleted: true }), theirs, passed);
  expect(nouns.people.get('1')?.deleted).toBe(true);
  expect(nouns.posts.get('5')).toMatchObject({ deleted: true, text: '' });
  expect(nouns.retweets.get('6')?.deleted).toBe(true);
  expect(nouns.posts.get('4')?.deleted).toBe(false);
});

test('relations: the newest wins', () => {
  const nouns = put(NO_NOUNS, relation('1', 5, { following: true }), relation('1', 4));
  expect(nouns.relations.get('1')?.following).toBe(true);
});

test('a retweet that was undone and done again is on, in either order of arrival', () => {
  const of = post('1', '2');
  const events = [
    retweet('5', '3', of),
    retweet('5', '3', of, { seq: 6, deleted: true }),
    retweet('7', '3', of),
  ];
  for (const order of [events, [...events].reverse()]) {
    const nouns = put(NO_NOUNS, ...order);
    expect(nouns.passes.get('3/1')).toBe('7');
    expect(nouns.retweets.get('5')?.deleted).toBe(true);
    expect(nouns.retweets.get('7')?.deleted).toBe(false);
  }
});

test('the same page again leaves every object as it is', () => {
  const page = [post('5', '1', { quoted: post('3', '2'), quote_of: '3' }), post('4', '1')];
  const once = put(NO_NOUNS, ...page);
  const twice = put(once, ...page.map((one) => structuredClone(one)));
  expect(twice.posts.get('5')).toBe(once.posts.get('5'));
  expect(twice.posts.get('3')).toBe(once.posts.get('3'));
  expect(twice.people.get('1')).toBe(once.people.get('1'));
});

test('tables that did not change are the same tables', () => {
  const before = put(NO_NOUNS, post('5', '1'));
  const after = put(before, counts('5', 6));
  expect(after.posts).toBe(before.posts);
  expect(before.counts.size).toBe(0);
  const edit = new Edit(after);
  expect(edit.nouns).toBe(after);
});

test('a sweep keeps what is shown, what it quotes, and every tombstone', () => {
  const shown = post('5', '1', { quote_of: '3', quoted: post('3', '2') });
  const dead = post('4', '1');
  const nouns = put(NO_NOUNS, shown, post('6', '1'), dead, gone(dead, 9), counts('6', 7));
  const kept = sweep(nouns, new Set(['5']));
  expect([...kept.posts.keys()].sort()).toEqual(['3', '4', '5']);
  expect(kept.counts.size).toBe(0);
  expect(put(kept, dead).posts.get('4')?.deleted).toBe(true);
});
