import { beforeEach, expect, test } from 'vitest';
import { shown } from './noticed';
import { Stage } from './testing/stage';

const ADA = { id: '2', name: 'ada', display_name: 'Ada', avatar: null, seq: 1 };

function notice(id: string, more: object = {}) {
  const at = '2026-01-01T00:00:00.000Z';
  const what = 'follow';
  return {
    kind: 'notice',
    id,
    seq: Number(id),
    what,
    users: [ADA],
    count: 1,
    created_at: at,
    read: false,
    ...more,
  };
}

let stage: Stage;

beforeEach(() => {
  stage = new Stage();
});

function ids(): string {
  return shown(stage.state.nouns, stage.state.notices)
    .map(({ id }) => id)
    .join(' ');
}

test('the number of those that wait is in the welcome, then in the newest `read`', () => {
  stage.welcome(undefined, { unread: 4 });
  expect(stage.state.notices.unread).toBe(4);
  stage.event('me:1', { kind: 'read', seq: 9, up_to: '3', unread: 2 });
  stage.event('me:1', { kind: 'read', seq: 7, up_to: '2', unread: 5 });
  stage.frame();
  expect(stage.state.notices).toMatchObject({ unread: 2, upTo: '3' });
});

test('pages and what comes live are one list; what vanished is not in it', async () => {
  stage.welcome();
  stage.actions.openNotices();
  await stage.ok('notice.list', {
    notices: [notice('9'), notice('8')],
    unread: 2,
    next: '8',
  });
  expect(ids()).toBe('9 8');
  stage.event('me:1', notice('12'));
  // Further down than the pages reach: it comes with its page.
  stage.event('me:1', notice('5', { seq: 13 }));
  stage.event('me:1', notice('9', { seq: 14, count: 0, users: [] }));
  stage.frame();
  expect(ids()).toBe('12 8');
  stage.actions.loadMoreNotices();
  expect(stage.socket.last('notice.list')).toMatchObject({ before: '8' });
  await stage.ok('notice.list', { notices: [notice('5', { seq: 13 })], unread: 2 });
  expect(ids()).toBe('12 8 5');
  // An older page changes nothing of what vanished since.
  stage.event('me:1', notice('9'));
  stage.frame();
  expect(ids()).toBe('12 8 5');
});

test('what is seen is marked as read up to the newest, once', async () => {
  stage.welcome(undefined, { unread: 1 });
  stage.actions.openNotices();
  await stage.ok('notice.list', { notices: [notice('9')], unread: 1 });
  stage.actions.readNotices();
  expect(stage.socket.last('notice.read')).toMatchObject({ up_to: '9' });
  await stage.ok('notice.read', { unread: 0 });
  stage.event('me:1', { kind: 'read', seq: 20, up_to: '9', unread: 0 });
  stage.frame();
  expect(stage.state.notices.unread).toBe(0);
  stage.actions.readNotices();
  expect(stage.socket.of('notice.read')).toHaveLength(1);
});

test('a list that did not arrive can be asked for again', async () => {
  stage.welcome();
  stage.actions.openNotices();
  await stage.refuse('notice.list', 'internal');
  expect(stage.state.notices.state).toBe('failed');
  stage.actions.loadMoreNotices();
  await stage.ok('notice.list', { notices: [], unread: 0 });
  expect(stage.state.notices).toMatchObject({ state: 'ready', ended: true });
});

test('after a gap the list is read again, and numbers of before do not win', async () => {
  stage.welcome();
  stage.event('me:1', { kind: 'read', seq: 900, up_to: '3', unread: 0 });
  stage.actions.openNotices();
  await stage.ok('notice.list', { notices: [], unread: 0 });
  await stage.comeBack({ resumed: false, unread: 3 });
  expect(stage.state.notices).toMatchObject({ unread: 3, seq: 0 });
  expect(stage.socket.of('notice.list')).toHaveLength(1);
});

test('after a gap nothing is left of what vanished meanwhile', async () => {
  stage.welcome();
  stage.actions.openNotices();
  await stage.ok('notice.list', { notices: [notice('9'), notice('8')], unread: 2 });
  await stage.comeBack({ resumed: false, unread: 1 });
  stage.event('me:1', notice('10'));
  stage.frame();
  await stage.ok('notice.list', { notices: [notice('10'), notice('8')], unread: 1 });
  expect(ids()).toBe('10 8');
});
