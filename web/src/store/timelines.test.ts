import { describe, expect, test } from 'vitest';
import type { Noun, Entry as Wire } from '../wire/protocol';
import { applied } from './apply';
import { START_STATE } from './core';
import { put } from './nouns';
import { author, gone, post, relation, retweet, user } from './testing/nouns';
import {
  emptyTimeline,
  withAtTop,
  withFollowed,
  withGap,
  withPage,
  withPageDownTo,
  withWaitingShown,
} from './timelines';
import type { State, Timeline, TimelineKey } from './types';

const ME = '1';

function start(key: TimelineKey = 'home'): State {
  const list: Timeline = { ...emptyTimeline(key), state: 'loading' };
  return {
    ...START_STATE,
    account: { state: 'in', user_id: ME },
    timelines: new Map([[key, list]]),
  };
}

function list(state: State, key: TimelineKey = 'home'): Timeline {
  return state.timelines.get(key) ?? emptyTimeline(key);
}

function turned(
  state: State,
  entries: readonly Wire[],
  turn: (one: Timeline, state: State) => Timeline,
  key: TimelineKey = 'home',
): State {
  const next = { ...state, nouns: put(state.nouns, ...entries) };
  return { ...next, timelines: new Map(next.timelines).set(key, turn(list(next, key), next)) };
}

function eyes(state: State) {
  return { nouns: state.nouns, me: ME };
}

function paged(state: State, entries: Wire[], next?: string, key: TimelineKey = 'home'): State {
  const page = next === undefined ? { entries } : { entries, next };
  return turned(state, entries, (one, s) => withPage(one, page, eyes(s)), key);
}

function told(state: State, topic: string, ...nouns: Noun[]): State {
  return applied(
    state,
    nouns.map((noun) => ({ topic, noun })),
  );
}

/** The post ids, with gaps as "|". */
function shown(state: State, key: TimelineKey = 'home'): string {
  return list(state, key)
    .rows.map((row) => (row.kind === 'gap' ? '|' : row.post_id))
    .join(' ');
}

function row(state: State, postId: string) {
  return list(state).rows.find((one) => one.kind === 'entry' && one.post_id === postId);
}

function waits(state: State): string {
  return list(state)
    .waiting.map((one) => one.post_id)
    .join(' ');
}

function scrolled(state: State): State {
  return turned(state, [], (one) => withAtTop(one, false));
}

describe('pages', () => {
  test('come newest first, with what is older behind', () => {
    const first = paged(start(), [post('9', '2'), post('8', '2')], 'n');
    expect(list(first)).toMatchObject({ state: 'ready', ended: false, next: 'n' });
    const both = paged(first, [post('7', '2')]);
    expect(shown(both)).toBe('9 8 7');
    expect(list(both).ended).toBe(true);
  });

  test('ids are compared as numbers, however long', () => {
    const entries = [post('10000000000000000001', '2'), post('9999999999999999999', '2')];
    expect(shown(paged(start(), [...entries].reverse()))).toBe(
      '10000000000000000001 9999999999999999999',
    );
  });

  test('a post is one row, over pages too, with everyone who retweeted it', () => {
    const of = post('3', '9');
    const top = retweet('20', '4', of, { also: [author('5')], also_count: 3 });
    const state = paged(paged(start(), [top], 'n'), [retweet('10', '6', of), of]);
    expect(shown(state)).toBe('3');
    expect(row(state, '3')).toMatchObject({ id: '20', own: true, by: ['4', '6', '5'], others: 2 });
  });

  test('a late page neither brings back what is deleted nor what is unfollowed', () => {
    const dead = post('8', '2');
    const of = post('5', '2');
    const undone = retweet('7', '3', of);
    let state = told(start(), 'author:2', gone(dead, 30));
    state = told(state, 'author:3', { ...undone, seq: 31, deleted: true });
    state = told(state, 'me:1', relation('4', 32));
    state = paged(state, [post('9', '4'), dead, undone, post('6', '2')]);
    expect(shown(state)).toBe('6');
  });

  test('a list in the server’s order keeps it', () => {
    const key = 'reactions:2';
    const first = paged(start(key), [post('3', '9'), post('8', '9')], 'n', key);
    expect(shown(paged(first, [post('5', '9'), post('3', '9')], undefined, key), key)).toBe(
      '3 8 5',
    );
  });
});

describe('what comes by itself', () => {
  test('is shown at once to a reader at the top', () => {
    const state = told(paged(start(), [post('5', '2')]), 'author:2', post('9', '2'));
    expect(shown(state)).toBe('9 5');
  });

  test('waits for a reader who is further down, and moves nothing', () => {
    const before = scrolled(paged(start(), [post('5', '2'), post('4', '2')]));
    const after = told(before, 'author:2', post('9', '2'), retweet('10', '3', post('4', '2')));
    expect(list(after).rows).toBe(list(before).rows);
    expect(waits(after)).toBe('4 9');
    expect(list(after).waitingAuthors).toEqual(['3', '2']);
    const open = turned(after, [], withWaitingShown);
    expect(shown(open)).toBe('4 9 5');
    expect(list(open)).toMatchObject({ waiting: [], waitingAuthors: [] });
  });

  test('what waits is shown on coming to the top', () => {
    const before = told(scrolled(paged(start(), [post('5', '2')])), 'author:2', post('9', '2'));
    expect(shown(turned(before, [], (one) => withAtTop(one, true)))).toBe('9 5');
  });

  test('what was deleted while it waited never shows', () => {
    const late = post('9', '2');
    const before = told(scrolled(paged(start(), [post('5', '2')])), 'author:2', late);
    const after = told(before, 'author:2', gone(late, 20));
    expect(list(after)).toMatchObject({ waiting: [], waitingAuthors: [] });
  });

  test('twice is once', () => {
    const once = told(paged(start(), [post('5', '2')]), 'author:2', post('9', '2'));
    const twice = told(once, 'author:2', post('9', '2'));
    expect(list(twice)).toEqual(list(once));
  });

  test('a reply to a watched post is not for home; a followed one’s is', () => {
    const reply = post('9', '7', { reply_to: '5' });
    const state = paged(start(), [post('5', '2')]);
    expect(shown(told(state, 'post:5', reply))).toBe('5');
    expect(shown(told(state, 'author:7', reply))).toBe('9 5');
  });

  test('before the first page is there, nothing is lost', () => {
    const early = told(start(), 'author:2', post('9', '2'));
    expect(shown(paged(early, [post('8', '2')]))).toBe('9 8');
  });

  test('one more retweet by someone new is one more person, told once or twice', () => {
    const of = post('3', '9');
    const page = retweet('20', '4', of, { also: [author('5')], also_count: 3 });
    const event = retweet('30', '6', of);
    let state = told(paged(start(), [page]), 'author:6', event, event);
    state = told(state, 'author:6', event);
    expect(row(state, '3')).toMatchObject({ id: '30', by: ['6', '4', '5'], others: 3 });
  });
});

describe('what goes', () => {
  test('a deleted post, from every list at once', () => {
    const one = post('5', '2');
    const passed = retweet('9', '3', one);
    const state = told(paged(start(), [passed, post('4', '2')]), 'author:2', gone(one, 20));
    expect(shown(state)).toBe('4');
  });

  test('an undone retweet: the row falls back to who else carries it', () => {
    const one = post('5', '2');
    const page = [retweet('9', '3', one, { also: [author('4')] }), post('7', '2'), one];
    const undo = retweet('9', '3', one, { seq: 20, deleted: true });
    const state = told(paged(start(), page), 'author:3', undo);
    expect(row(state, '5')).toMatchObject({ own: true, by: ['4'], others: 0 });
    const alone = retweet('8', '3', post('2', '9'));
    const off = { ...alone, seq: 21, deleted: true };
    expect(shown(told(paged(start(), [alone]), 'author:3', off))).toBe('');
  });

  test('an undone retweet of one who was only counted is one fewer', () => {
    const of = post('3', '9');
    const page = retweet('20', '4', of, { also: [author('5')], also_count: 3 });
    const undo = retweet('11', '8', of, { seq: 40, deleted: true });
    const state = told(paged(start(), [page]), 'author:8', undo, undo);
    expect(row(state, '3')).toMatchObject({ others: 2 });
  });

  test('a retweet that comes and goes in one moment leaves the count as it was', () => {
    const of = post('3', '9');
    const page = retweet('20', '4', of, { also: [author('5')], also_count: 3 });
    const event = retweet('30', '8', of);
    const state = paged(start(), [page]);
    const after = told(state, 'author:8', event, { ...event, seq: 40, deleted: true });
    expect(row(after, '3')).toEqual(row(state, '3'));
  });

  test('unfollowing takes their posts and their retweets, not what others carry', () => {
    const of = post('3', '9');
    const state = paged(start(), [
      retweet('20', '4', of, { also: [author('5')] }),
      post('8', '4'),
      post('7', '2'),
    ]);
    const after = told(state, 'me:1', relation('4', 30, { following: false }));
    expect(shown(after)).toBe('3 7');
    expect(row(after, '3')).toMatchObject({ by: ['5'] });
  });

  test.each(['blocking', 'muting'])('%s someone takes all that they are in', (how) => {
    const state = paged(start(), [
      retweet('20', '2', post('5', '4')),
      retweet('19', '4', post('6', '2')),
      post('8', '4'),
      post('7', '2'),
    ]);
    expect(shown(told(state, 'me:1', relation('4', 30, { following: true, [how]: true })))).toBe(
      '7',
    );
  });

  test('an account that is gone', () => {
    const state = paged(start(), [
      post('8', '4'),
      retweet('7', '4', post('3', '2')),
      post('6', '2'),
    ]);
    expect(shown(told(state, 'author:4', user('4', { seq: 30, deleted: true })))).toBe('6');
  });
});

describe('following', () => {
  test('brings in what belongs between what is shown, and nothing below it', () => {
    const state = paged(start(), [post('9', '2'), post('5', '2')], 'n');
    const page = { entries: [post('8', '4'), post('3', '4')] };
    const after = turned(state, page.entries, (one, s) => withFollowed(one, page, eyes(s)));
    expect(shown(after)).toBe('9 8 5');
  });

  test('brings in everything where the list goes to the very end', () => {
    const state = paged(start(), [post('9', '2'), post('5', '2')]);
    const page = { entries: [post('8', '4'), post('3', '4')] };
    const after = turned(state, page.entries, (one, s) => withFollowed(one, page, eyes(s)));
    expect(shown(after)).toBe('9 8 5 3');
  });
});

describe('a gap', () => {
  const old = () => turned(paged(start(), [post('5', '2'), post('4', '2')], 'n'), [], withGap);

  function loaded(state: State, entries: Wire[], next?: string): State {
    const page = next === undefined ? { entries } : { entries, next };
    return turned(state, entries, (one, s) => withPageDownTo(one, '5', page, eyes(s)));
  }

  test('is shown above what was there; what is live stands above it', () => {
    const state = told(old(), 'author:2', post('20', '2'));
    expect(shown(state)).toBe('20 | 5 4');
  });

  test('closes when the newest page reaches what was there', () => {
    expect(shown(loaded(old(), [post('7', '2'), post('5', '2')], 'x'))).toBe('7 5 4');
  });

  test('stays where the page ends, and is loaded from there', () => {
    const held = loaded(old(), [post('12', '2'), post('11', '2')], 'x');
    expect(shown(held)).toBe('12 11 | 5 4');
    expect(list(held).rows[2]).toMatchObject({ kind: 'gap', before: 'x' });
    const closed = loaded(held, [post('9', '2'), post('3', '2')], 'y');
    expect(shown(closed)).toBe('12 11 9 5 4 3');
  });

  test('loaded by a reader further down shows what was asked for', () => {
    const held = scrolled(loaded(old(), [post('12', '2'), post('11', '2')], 'x'));
    expect(shown(loaded(held, [post('9', '2')]))).toBe('12 11 9 5 4');
  });

  test('for a reader further down the newest page waits', () => {
    const state = loaded(scrolled(old()), [post('12', '2'), post('11', '2')], 'x');
    expect(shown(state)).toBe('| 5 4');
    expect(waits(state)).toBe('12 11');
    expect(shown(turned(state, [], withWaitingShown))).toBe('12 11 | 5 4');
  });
});

test('days of posts do not fill the memory of a reader at the top', () => {
  let state = paged(start(), [post('1', '2')]);
  for (let i = 0; i < 30; i += 1) {
    const batch = Array.from({ length: 50 }, (_, j) => post(String(100 + i * 50 + j), '2'));
    state = told(state, 'author:2', ...batch);
  }
  expect(list(state).rows.length).toBeLessThanOrEqual(600);
  expect(list(state)).toMatchObject({ ended: false, next: null });
  expect(list(state).rows[0]).toMatchObject({ post_id: '1599' });
});
