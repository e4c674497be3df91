import { beforeEach, expect, test } from 'vitest';
import { gone, post, relation, user } from './testing/nouns';
import { Stage } from './testing/stage';

let stage: Stage;

beforeEach(() => {
  stage = new Stage();
  stage.welcome();
});

const found = (q: string) => stage.state.timelines.get(`search:${q}`);
const ids = (q: string) => found(q)?.rows.map(({ id }) => id);

test('posts that were found are a list like any other, page by page', async () => {
  stage.actions.openTimeline('search:a: b');
  expect(stage.socket.of('search.query').at(-1)).toMatchObject({ q: 'a: b', kind: 'posts' });
  await stage.ok('search.query', { posts: [post('9', '2'), post('7', '3')], next: '7' });
  expect(ids('a: b')).toEqual(['9', '7']);
  stage.actions.loadMore('search:a: b');
  expect(stage.socket.of('search.query').at(-1)).toMatchObject({ q: 'a: b', before: '7' });
  await stage.ok('search.query', { posts: [post('5', '2')] });
  expect(ids('a: b')).toEqual(['9', '7', '5']);
  expect(found('a: b')?.ended).toBe(true);
});

test('what is deleted or hidden meanwhile leaves the list', async () => {
  stage.actions.openTimeline('search:boat');
  const first = post('9', '2');
  await stage.ok('search.query', { posts: [first, post('7', '3')] });
  stage.event('post:9', gone(first, 20));
  stage.frame();
  expect(ids('boat')).toEqual(['7']);
  stage.event('me:1', relation('3', 21, { muting: true }));
  stage.frame();
  expect(ids('boat')).toEqual([]);
});

test('after a break it is asked again, and what is new stands above', async () => {
  stage.actions.openTimeline('search:boat');
  await stage.ok('search.query', { posts: [post('7', '2')] });
  await stage.comeBack();
  await stage.ok('search.query', { posts: [post('9', '2'), post('7', '2')] });
  expect(ids('boat')).toEqual(['9', '7']);
});

test('people that were found are a list of people', async () => {
  stage.actions.openPeople('search:n: 2');
  expect(stage.socket.of('search.query').at(-1)).toMatchObject({ q: 'n: 2', kind: 'users' });
  await stage.ok('search.query', { users: [user('2')], next: '2' });
  stage.actions.loadMorePeople('search:n: 2');
  await stage.ok('search.query', { users: [user('3')] });
  const list = stage.state.people.get('search:n: 2');
  expect(list?.rows.map((row) => row.user_id)).toEqual(['2', '3']);
  expect(list?.ended).toBe(true);
});
