import { describe, expect, test } from 'vitest';
import { NO_NOUNS, put } from '../../store/nouns';
import { post } from '../../store/testing/nouns';
import { newThread, withLiveReply, withThreadPage } from '../../store/threads';
import type { Draft, Id, Thread } from '../../store/types';
import { threadItems } from './thread-items';

const FOCAL = '10';

/** Replies to `to` that the store knows. */
function known(...ids: readonly Id[]) {
  return { nouns: put(NO_NOUNS, ...ids.map((id) => post(id, '2'))), me: '1' };
}

const ALL = known('11', '12', '13', '14', '15', '20', '21');

function paged(thread: Thread, ids: readonly Id[], next?: string, before: string | null = null) {
  const replies = ids.map((id) => post(id, '2'));
  const page = { ancestors: [], post: post(thread.post_id, '2'), replies };
  return withThreadPage(thread, next === undefined ? page : { ...page, next }, before, ALL);
}

function shown(threads: readonly Thread[], open: readonly Id[] = [], drafts: Draft[] = []) {
  const all = new Map(threads.map((thread) => [thread.post_id, thread]));
  const asked = { postId: FOCAL, threads: all, open: new Set(open), drafts };
  return threadItems(asked).map((item) => ('id' in item ? `${item.kind} ${item.id}` : item.kind));
}

const draft = (to: Id): Draft => ({
  key: 'a key',
  at: 0,
  version: 1,
  notBefore: 0,
  text: 'Hm.',
  pictures: [],
  reply_to: to,
  quote_of: null,
  created_at: '2026-01-01T00:00:00.000Z',
  state: 'sending',
  refusal: null,
});

describe('the rows of a thread', () => {
  test('before anything is known it is the post alone', () => {
    expect(shown([])).toEqual(['focal']);
    expect(shown([newThread(FOCAL)])).toEqual(['focal', 'bones']);
  });

  test('what it answers stands above, from the root down', () => {
    const thread = { ...paged(newThread(FOCAL), ['11']), ancestors: ['7', '8'] };
    expect(shown([thread])).toEqual(['ancestor 7', 'ancestor 8', 'focal', 'reply 11']);
  });

  test('what came by itself stands below what has not been read yet', () => {
    const thread = withLiveReply(paged(newThread(FOCAL), ['11', '12'], 'n'), '15', ALL);
    const read = paged(thread, ['13', '14'], undefined, 'n');
    expect(shown([thread])).toEqual(['focal', 'reply 11', 'reply 12', 'more 10', 'reply 15']);
    expect(shown([read])).toEqual([
      'focal',
      ...['11', '12', '13', '14', '15'].map((i) => `reply ${i}`),
    ]);
  });

  test('replies to a reply stand below it, once each', () => {
    const thread = paged(newThread(FOCAL), ['11', '12']);
    const nested = paged(newThread('11'), ['20', '21'], 'n');
    expect(shown([thread, nested])).toEqual(['focal', 'reply 11', 'reply 12']);
    const rows = ['focal', 'reply 11', 'reply 20', 'reply 21', 'more 11', 'reply 12'];
    expect(shown([thread, nested], ['11'])).toEqual(rows);
  });

  test('what one writes stands below what it answers', () => {
    const thread = paged(newThread(FOCAL), ['11', '12']);
    expect(shown([thread], [], [draft(FOCAL)]).at(-1)).toBe('draft');
    const nested = paged(newThread('11'), []);
    const rows = ['focal', 'reply 11', 'draft', 'reply 12'];
    expect(shown([thread, nested], ['11'], [draft('11')])).toEqual(rows);
  });
});

describe('a thread that is read again after a break', () => {
  const deep = paged(paged(newThread(FOCAL), ['11', '12'], 'n'), ['13', '14'], undefined, 'n');

  test('keeps how far it was read, and says from where on to read again', () => {
    const again = paged(deep, ['11', '12'], 'n');
    expect(again).toMatchObject({ ended: true, tail: 'n', floor: '14' });
    expect(paged(again, ['13', '14', '15'], undefined, 'n').replies).toEqual([
      ...['11', '12', '13', '14', '15'],
    ]);
  });

  test('goes on from its end when there is more than a page', () => {
    const again = paged(paged(deep, ['11', '12'], 'n'), ['13', '14', '15'], 'm', 'n');
    expect(again).toMatchObject({ ended: false, next: 'm', floor: '15' });
  });
});
