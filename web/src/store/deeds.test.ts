import { beforeEach, describe, expect, test } from 'vitest';
import { settled } from '../wire/testing/fakes';
import { countsShown, mineShown } from './overlays';
import { counts, gone, mine, post, relation, user } from './testing/nouns';
import { media, Stage } from './testing/stage';

let stage: Stage;

beforeEach(() => {
  stage = new Stage();
});

function home() {
  const list = stage.state.timelines.get('home');
  return list?.rows.map((row) => (row.kind === 'gap' ? '|' : row.post_id)).join(' ');
}

async function atHome(...entries: object[]): Promise<void> {
  stage.welcome();
  stage.actions.openTimeline('home');
  await stage.ok('timeline.get', { entries });
}

describe('deeds', () => {
  const shownMine = () =>
    mineShown('5', stage.state.nouns.mine.get('5'), stage.state.overlays.posts.get('5'));
  const shownCounts = () =>
    countsShown(
      '5',
      stage.state.nouns.counts.get('5'),
      stage.state.nouns.mine.get('5'),
      stage.state.overlays.posts.get('5'),
    );

  beforeEach(async () => {
    await atHome(
      post('5', '2', { counts: counts('5', 10, { reactions: { '👍': 2 } }), mine: mine('5', 10) }),
    );
  });

  test('a reaction shows at once, and is the server’s when answered', async () => {
    const done = stage.actions.react('5', '👍', true);
    expect(shownMine()?.reactions).toEqual(['👍']);
    expect(shownCounts()?.reactions).toEqual({ '👍': 3 });
    const answer = {
      counts: counts('5', 11, { reactions: { '👍': 3 } }),
      mine: mine('5', 11, { reactions: ['👍'] }),
    };
    await stage.ok('react.set', answer);
    expect(await done).toBeNull();
    expect(stage.state.overlays.posts.size).toBe(0);
    expect(shownCounts()?.reactions).toEqual({ '👍': 3 });
  });

  test('refused, it is as if it had not been', async () => {
    const done = stage.actions.react('5', '🎉', true);
    await stage.refuse('react.set', 'too_many');
    expect(await done).toMatchObject({ code: 'too_many' });
    expect(shownCounts()?.reactions).toEqual({ '👍': 2 });
    expect(shownMine()?.reactions).toEqual([]);
  });

  test('one tap never shows as two, whatever comes first', () => {
    void stage.actions.react('5', '👍', true);
    stage.event('post:5', counts('5', 11, { reactions: { '👍': 3 } }));
    stage.frame();
    expect(shownCounts()?.reactions).toEqual({ '👍': 3 });
    stage.event('me:1', mine('5', 11, { reactions: ['👍'] }));
    stage.frame();
    expect(shownCounts()?.reactions).toEqual({ '👍': 3 });
    expect(shownMine()?.reactions).toEqual(['👍']);
  });

  test('on and off in a hurry ends as the last tap said', async () => {
    void stage.actions.react('5', '👍', true);
    void stage.actions.react('5', '👍', false);
    const [first] = stage.socket.of('react.set');
    const on = {
      counts: counts('5', 11, { reactions: { '👍': 3 } }),
      mine: mine('5', 11, { reactions: ['👍'] }),
    };
    stage.socket.say({ type: 'ok', ref: first?.ref, result: on });
    await settled();
    expect(shownMine()?.reactions).toEqual([]);
    const off = { counts: counts('5', 12, { reactions: { '👍': 2 } }), mine: mine('5', 12) };
    expect(stage.socket.last('react.set')).toMatchObject({ on: false });
    await stage.ok('react.set', off);
    expect(stage.state.overlays.posts.size).toBe(0);
    expect(shownCounts()?.reactions).toEqual({ '👍': 2 });
  });

  test('a deleted post goes at once, and is back when that is refused', async () => {
    const done = stage.actions.remove('5');
    expect(stage.state.overlays.posts.get('5')?.removed).not.toBeNull();
    await stage.refuse('post.delete', 'forbidden');
    expect(await done).toMatchObject({ code: 'forbidden' });
    expect(stage.state.overlays.posts.size).toBe(0);
    void stage.actions.remove('5');
    await stage.ok('post.delete', { post: gone(post('5', '2'), 30) });
    expect(home()).toBe('');
  });

  test('a profile change shows at once', async () => {
    void stage.actions.updateProfile({ display_name: 'Ada', avatar: media('7') });
    expect(stage.state.overlays.profile?.change).toMatchObject({ display_name: 'Ada' });
    expect(stage.socket.last('profile.update')).toMatchObject({ display_name: 'Ada', avatar: '7' });
    await stage.ok('profile.update', { user: user('1', { seq: 9, display_name: 'Ada' }) });
    expect(stage.state.overlays.profile).toBeNull();
    expect(stage.state.nouns.people.get('1')?.display_name).toBe('Ada');
  });

  test('following goes through to home', async () => {
    const done = stage.actions.follow('4', true);
    await stage.ok('follow.set', { relation: relation('4', 20, { following: true }) });
    expect(await done).toBeNull();
    await stage.ok('timeline.get', { entries: [post('8', '4')] });
    expect(home()).toBe('8 5');
  });
});
