import { beforeEach, expect, test } from 'vitest';
import { settled } from '../wire/testing/fakes';
import { hiddenShown, relationShown } from './overlays';
import { post, relation, retweet } from './testing/nouns';
import { Stage } from './testing/stage';

const FACT = { block: 'blocking', mute: 'muting' } as const;
let stage: Stage;

beforeEach(async () => {
  stage = new Stage();
  stage.welcome();
  stage.actions.openTimeline('explore');
  await stage.ok('timeline.get', {
    entries: [post('9', '2'), post('8', '3'), post('7', '2'), post('6', '3')],
  });
});

function shown() {
  const rows = stage.state.timelines.get('explore')?.rows ?? [];
  return rows.map((row) => (row.kind === 'gap' ? '|' : row.post_id)).join(' ');
}

function asked(type: string): number {
  return stage.socket.sent.filter((frame) => frame.type === type).length;
}

async function hear(noun: object): Promise<void> {
  stage.event('me:1', noun);
  stage.frame();
  await settled();
}

test.each(['block', 'mute'] as const)('%s: their posts go at once, and come back', async (how) => {
  const done = stage.actions[how]('2', true);
  expect(stage.socket.last(`${how}.set`)).toMatchObject({ user_id: '2', on: true });
  await stage.ok(`${how}.set`, { relation: relation('2', 20, { [FACT[how]]: true }) });
  expect(shown()).toBe('8 6');
  expect(await done).toBeNull();
  await hear(relation('2', 20, { [FACT[how]]: true }));
  void stage.actions[how]('2', false);
  await stage.ok(`${how}.set`, { relation: relation('2', 21) });
  await stage.ok('timeline.get', {
    entries: [post('9', '2'), post('8', '3'), post('7', '2'), post('6', '3')],
  });
  expect(shown()).toBe('9 8 7 6');
});

test('refused, everything stays', async () => {
  const done = stage.actions.block('2', true);
  await stage.refuse('block.set', 'not_found');
  expect(await done).toMatchObject({ code: 'not_found' });
  expect(shown()).toBe('9 8 7 6');
});

test.each(['block', 'mute'] as const)(
  '%s without a connection: shown, and sent with the next',
  async (how) => {
    const isHere = () => hiddenShown('2', stage.state.nouns, stage.state.overlays);
    stage.socket.lose();
    void stage.actions[how]('2', true);
    void stage.actions[how]('2', false);
    expect(isHere()).toBe(false);
    void stage.actions[how]('2', true);
    expect(isHere()).toBe(true);
    expect(stage.actions.unsent()).toBe(1);
    await stage.comeBack();
    expect(stage.socket.of(`${how}.set`)).toMatchObject([{ user_id: '2', on: true }]);
    await stage.ok(`${how}.set`, { relation: relation('2', 20, { [FACT[how]]: true }) });
    expect(shown()).toBe('8 6');
    expect(isHere()).toBe(true);
    expect(stage.actions.unsent()).toBe(0);
  },
);

test('a block ends the follow at once', () => {
  const standing = relation('2', 19, { following: true });
  const seen = () => relationShown('2', standing, stage.state.overlays.relations.get('2'));
  stage.socket.lose();
  void stage.actions.block('2', true);
  expect(seen()).toMatchObject({ blocking: true, following: false });
  // Undone before it was sent: as if it had not been.
  void stage.actions.block('2', false);
  expect(seen()).toMatchObject({ blocking: false, following: true });
});

test('a block of another window counts here, and what comes of theirs is not shown', async () => {
  await hear(relation('2', 20, { blocking: true }));
  expect(shown()).toBe('8 6');
  stage.event('explore', post('10', '2'));
  stage.event('author:4', retweet('11', '4', post('9', '2')));
  stage.frame();
  expect(shown()).toBe('8 6');
});

test('a relation that is told again, unchanged, is asked for again', async () => {
  await hear(relation('2', 20));
  const before = asked('timeline.get');
  await hear(relation('2', 20));
  expect(asked('timeline.get')).toBe(before + 1);
  await stage.ok('timeline.get', { entries: [post('9', '2'), post('75', '5'), post('6', '3')] });
  expect(shown()).toContain('75');
});

test('one’s own deed, told as an event too, asks for nothing', async () => {
  void stage.actions.follow('5', true);
  await stage.ok('follow.set', { relation: relation('5', 20, { following: true }) });
  const before = asked('timeline.get');
  await hear(relation('5', 20, { following: true }));
  expect(asked('timeline.get')).toBe(before);
});
