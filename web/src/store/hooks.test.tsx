import { act, cleanup, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { StrictMode } from 'react';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { settled } from '../wire/testing/fakes';
import {
  RealtimeContext,
  useConnection,
  useCounts,
  useMe,
  useMine,
  usePost,
  useProfile,
  useRelation,
  useThread,
  useTimeline,
  useUser,
} from './hooks';
import { counts, mine, post, relation, user } from './testing/nouns';
import { Stage } from './testing/stage';

let stage: Stage;

beforeEach(() => {
  stage = new Stage();
});

afterEach(cleanup);

function wrapper({ children }: { children: ReactNode }) {
  return (
    <StrictMode>
      <RealtimeContext value={stage.realtime}>{children}</RealtimeContext>
    </StrictMode>
  );
}

function drawn<T>(hook: () => T) {
  return renderHook(hook, { wrapper });
}

async function ok(type: string, result: object): Promise<void> {
  await act(async () => {
    await stage.ok(type, result);
  });
}

test('a timeline loads when it is drawn, and is live at the top', async () => {
  stage.welcome();
  const { result } = drawn(() => useTimeline('home'));
  expect(result.current).toMatchObject({ state: 'loading' });
  await ok('timeline.get', { entries: [post('5', '2')] });
  // Where the reader is only the page knows; without it, a list that was left and opened waits.
  act(() => stage.actions.setAtTop('home', true));
  act(() => {
    stage.event('author:2', post('6', '2'));
    stage.frame();
  });
  expect(result.current?.rows.map((row) => row.id)).toEqual(['6', '5']);
});

test('what did not change is the same object, so nothing is drawn again', async () => {
  stage.welcome();
  let drawings = 0;
  const { result } = drawn(() => {
    drawings += 1;
    return usePost('5');
  });
  act(() => {
    stage.event('author:2', post('5', '2'));
    stage.frame();
  });
  const before = result.current;
  const drawnBefore = drawings;
  act(() => {
    stage.event('author:2', post('5', '2'));
    stage.event('author:2', post('6', '2'));
    stage.event('post:5', counts('5', 9));
    stage.frame();
  });
  expect(result.current).toBe(before);
  expect(drawings).toBe(drawnBefore);
});

test('a reaction shows in mine and in the numbers before it is answered', async () => {
  stage.welcome();
  const { result } = drawn(() => ({ mine: useMine('5'), counts: useCounts('5') }));
  act(() => {
    stage.event('post:5', counts('5', 9, { reactions: { '🎉': 1 } }));
    stage.event('me:1', mine('5', 9));
    stage.frame();
    void stage.actions.react('5', '🎉', true);
  });
  expect(result.current.mine?.reactions).toEqual(['🎉']);
  expect(result.current.counts?.reactions).toEqual({ '🎉': 2 });
});

test('a post whose deletion is on its way is drawn as gone', () => {
  stage.welcome();
  const { result } = drawn(() => usePost('5'));
  act(() => {
    stage.event('author:1', post('5', '1'));
    stage.frame();
    void stage.actions.remove('5');
  });
  expect(result.current).toMatchObject({ deleted: true, text: '' });
});

test('people are found by id and by name', () => {
  stage.welcome(user('1', { name: 'ada' }));
  const { result } = drawn(() => [useUser('1'), useUser('@Ada'), useMe()]);
  expect(result.current.map((person) => person?.name)).toEqual(['ada', 'ada', 'ada']);
});

test('my profile shows the change that is on its way', () => {
  stage.welcome();
  const { result } = drawn(useMe);
  act(() => void stage.actions.updateProfile({ display_name: 'Ada', bio: 'Hi.' }));
  expect(result.current).toMatchObject({ display_name: 'Ada', about: { bio: 'Hi.' } });
});

test('a relation that is not known is asked for once, and shows what I just did', async () => {
  stage.welcome();
  const { result } = drawn(() => [useRelation('2'), useRelation('2')]);
  expect(stage.socket.of('profile.get')).toHaveLength(1);
  await ok('profile.get', { user: user('2'), relation: relation('2', 3, { followed_by: true }) });
  expect(result.current[0]).toMatchObject({ followed_by: true, following: false });
  act(() => void stage.actions.follow('2', true));
  expect(result.current[0]?.following).toBe(true);
});

test('a profile is looked up by its name', async () => {
  stage.welcome(null);
  const { result } = drawn(() => useProfile('Ada'));
  expect(result.current).toEqual({ state: 'loading' });
  await ok('profile.get', { user: user('2', { name: 'ada' }), relation: null });
  expect(result.current).toEqual({ state: 'ready', user_id: '2' });
});

test('a thread that is not there is missing', async () => {
  stage.welcome();
  const { result } = drawn(() => useThread('5'));
  const refs = stage.socket.of('post.thread').map((frame) => frame.ref);
  await act(async () => {
    for (const ref of refs)
      stage.socket.say({ type: 'error', ref, code: 'not_found', message: '' });
    await settled();
  });
  expect(result.current?.state).toBe('missing');
});

test('the connection is told as it comes and goes', () => {
  const { result } = drawn(useConnection);
  expect(result.current.state).toBe('connecting');
  act(() => stage.welcome());
  expect(result.current.state).toBe('live');
  act(() => stage.socket.lose());
  expect(result.current.state).toBe('off');
});
