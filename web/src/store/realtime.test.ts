import { beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../wire/refusal';
import { settled } from '../wire/testing/fakes';
import { counts, gone, mine, post, relation, retweet, user } from './testing/nouns';
import { Stage } from './testing/stage';
import { MemoryVault } from './vault-memory';

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

describe('who is signed in', () => {
  test('is unknown until the server says so', () => {
    expect(stage.state.account.state).toBe('unknown');
    stage.welcome(null);
    expect(stage.state.account).toEqual({ state: 'out', user_id: null });
  });

  test('home is asked for as soon as it is known, and never for a visitor', async () => {
    stage.actions.openTimeline('home');
    stage.actions.openTimeline('explore');
    stage.welcome(null);
    expect(stage.socket.of('timeline.get').map((f) => f['name'])).toEqual(['explore']);
    const signing = stage.actions.signIn('n1', 'secret');
    stage.http.last('login').resolve(user('1'));
    await signing;
    stage.welcome();
    expect(
      stage.socket
        .of('timeline.get')
        .map((f) => f['name'])
        .sort(),
    ).toEqual(['explore', 'home']);
  });

  test('a wrong password is a refusal, and nothing changes', async () => {
    stage.welcome(null);
    const signing = stage.actions.signIn('n1', 'wrong').catch((thrown: unknown) => thrown);
    stage.http.last('login').reject(new Refusal('unauthenticated', 'They do not fit.'));
    expect(await signing).toMatchObject({ message: 'They do not fit.' });
    expect(stage.state.account.state).toBe('out');
  });

  test('signing out leaves nothing of mine to the next', async () => {
    await atHome(post('5', '2', { mine: mine('5', 6, { retweeted: true }) }));
    const leaving = stage.actions.signOut();
    stage.socket.say({ type: 'goodbye', code: 4401, reason: 'Signed out.' });
    expect(stage.state.account.state).toBe('in');
    stage.http.last('logout').resolve(undefined);
    await leaving;
    stage.welcome(null);
    expect(stage.state.account).toEqual({ state: 'out', user_id: null });
    expect(stage.state.nouns.mine.size).toBe(0);
    expect(stage.state.nouns.posts.size).toBe(0);
  });

  test('deleting the account leaves nothing here, and a wrong password changes nothing', async () => {
    await atHome(post('5', '1'));
    const wrong = stage.actions.deleteAccount('wrong').catch((thrown: unknown) => thrown);
    stage.http.last('deleteAccount').reject(new Refusal('forbidden', 'No.', 'password'));
    expect(await wrong).toMatchObject({ field: 'password' });
    expect(stage.state.account.state).toBe('in');
    const leaving = stage.actions.deleteAccount('right');
    stage.socket.say({ type: 'goodbye', code: 4401, reason: 'Gone.' });
    expect(stage.state.account.state).toBe('in');
    stage.http.last('deleteAccount').resolve(undefined);
    await leaving;
    expect(stage.state.account).toEqual({ state: 'out', user_id: null });
    expect(stage.state.nouns.posts.size).toBe(0);
  });

  test('a session that was ended elsewhere asks to sign in and keeps the view', async () => {
    await atHome(post('5', '2'));
    stage.socket.say({ type: 'goodbye', code: 4401, reason: 'You were signed out.' });
    expect(stage.state.account).toEqual({ state: 'ended', user_id: '1' });
    expect(home()).toBe('5');
    const signing = stage.actions.signIn('n1', 'secret');
    stage.http.last('login').resolve(user('1'));
    await signing;
    stage.welcome();
    expect(stage.state.account.state).toBe('in');
    expect(home()).toBe('| 5');
    await stage.ok('timeline.get', { entries: [post('9', '2'), post('5', '2')] });
    expect(home()).toBe('9 5');
  });

  test('what one account asked is never done for another', async () => {
    stage = new Stage(undefined, new MemoryVault());
    stage.welcome();
    await settled();
    void stage.actions.react('5', '👍', true);
    stage.actions.post('home', 'of the first');
    await stage.comeBack({}, user('2'));
    expect(stage.state.account.user_id).toBe('2');
    expect(stage.socket.sent.map((f) => f.type)).not.toContain('react.set');
    expect(stage.socket.sent.map((f) => f.type)).not.toContain('post.create');
    expect(stage.state.drafts).toEqual([]);
    await stage.comeBack({}, user('1'));
    expect(stage.socket.last('post.create')).toMatchObject({ text: 'of the first' });
  });
});

describe('what is heard', () => {
  test('is shown once a frame, all together', async () => {
    await atHome();
    const seen: number[] = [];
    stage.realtime.store.subscribe((state) => seen.push(state.nouns.posts.size));
    for (const id of ['7', '8', '9']) stage.event('author:2', post(id, '2'));
    expect(home()).toBe('');
    stage.frame();
    expect(home()).toBe('9 8 7');
    expect(seen).toEqual([3]);
  });

  test('before an answer is shown before the answer', async () => {
    await atHome(post('5', '2'));
    stage.event('author:2', gone(post('5', '2'), 20));
    const done = stage.actions.react('5', '👍', true);
    await stage.refuse('react.set', 'not_found');
    expect(await done).toMatchObject({ code: 'not_found' });
    stage.frame();
    expect(home()).toBe('');
  });

  test('following brings their posts in, unfollowing takes them out, in every window', async () => {
    await atHome(post('9', '2'), post('5', '2'));
    stage.event('me:1', relation('4', 20, { following: true }));
    stage.frame();
    expect(stage.socket.last('timeline.get')).toMatchObject({ name: 'user', user_id: '4' });
    await stage.ok('timeline.get', { entries: [post('8', '4')] });
    expect(home()).toBe('9 8 5');
    stage.event('me:1', relation('4', 21));
    stage.frame();
    expect(home()).toBe('9 5');
  });

  test('being followed reads nothing again', async () => {
    await atHome(post('9', '2'));
    stage.event('me:1', relation('2', 20, { following: true }));
    stage.frame();
    await stage.ok('timeline.get', { entries: [] });
    const asked = stage.socket.of('timeline.get').length;
    stage.event('me:1', relation('2', 21, { following: true, followed_by: true }));
    stage.frame();
    expect(stage.socket.of('timeline.get')).toHaveLength(asked);
  });

  test('a post whose retweet is undone stays when its author is followed', async () => {
    const of = post('5', '7');
    const by = retweet('9', '2', of);
    await atHome(by);
    stage.event('author:2', { ...by, seq: 20, deleted: true });
    stage.frame();
    expect(home()).toBe('');
    expect(stage.socket.last('profile.get')).toMatchObject({ user_id: '7' });
    await stage.ok('profile.get', {
      user: user('7'),
      relation: relation('7', 3, { following: true }),
    });
    expect(home()).toBe('5');
  });
});

describe('after a break', () => {
  test('that was resumed home goes on, and the others are looked at again', async () => {
    await atHome(post('5', '2'));
    stage.actions.openTimeline('user:2');
    await stage.ok('timeline.get', { entries: [post('5', '2')] });
    await stage.comeBack();
    expect(stage.socket.of('timeline.get').map((f) => f['name'])).toEqual(['user']);
    expect(home()).toBe('5');
  });

  test('that could not be resumed there is a gap, loaded from above', async () => {
    await atHome(post('5', '2'));
    await stage.comeBack({ resumed: false });
    expect(home()).toBe('| 5');
    await stage.ok('timeline.get', { entries: [post('20', '2'), post('19', '2')], next: 'n' });
    expect(home()).toBe('20 19 | 5');
    stage.actions.loadGap('home', '5');
    stage.actions.loadGap('home', '5');
    expect(stage.socket.of('timeline.get')).toHaveLength(2);
    expect(stage.socket.last('timeline.get')).toMatchObject({ before: 'n' });
    await stage.ok('timeline.get', { entries: [post('12', '2')] });
    expect(home()).toBe('20 19 12 5');
  });

  test('an open thread is read again, and joins what came meanwhile', async () => {
    stage.welcome();
    stage.actions.openThread('5');
    const page = {
      ancestors: [],
      post: post('5', '2'),
      replies: [post('6', '3', { reply_to: '5' })],
    };
    await stage.ok('post.thread', page);
    stage.event('post:5', post('7', '3', { reply_to: '5' }));
    stage.frame();
    expect(stage.state.threads.get('5')?.replies).toEqual(['6', '7']);
    await stage.comeBack();
    const more = [...page.replies, post('8', '3', { reply_to: '5' })];
    await stage.ok('post.thread', { ...page, replies: more });
    expect(stage.state.threads.get('5')?.replies).toEqual(['6', '7', '8']);
  });

  test('the connection is told as it is', () => {
    stage.welcome();
    expect(stage.state.connection).toMatchObject({ state: 'live', wasLive: true });
    stage.socket.say({ type: 'goodbye', code: 4000, reason: '', retry_after: 5 });
    expect(stage.state.connection).toMatchObject({ state: 'off', retryInSeconds: 5 });
    stage.clock.pass(2_000);
    expect(stage.state.connection.retryInSeconds).toBe(3);
    stage.actions.reconnect();
    expect(stage.state.connection.state).toBe('connecting');
  });
});

describe('what is on screen', () => {
  test('is told once it is quiet, with what it quotes, and again to a new socket', async () => {
    await atHome(post('5', '2', { quote_of: '3', quoted: post('3', '7') }));
    stage.actions.seen('5', true);
    expect(stage.socket.of('watch.set')).toEqual([]);
    stage.clock.pass(200);
    expect(stage.socket.last('watch.set')['post_ids']).toEqual(['5', '3']);
    await stage.ok('watch.set', { counts: [counts('5', 20, { replies: 4 })], mine: [], posts: [] });
    expect(stage.state.nouns.counts.get('5')?.replies).toBe(4);
    await stage.comeBack();
    expect(stage.socket.of('watch.set')).toHaveLength(1);
  });

  test('what was deleted meanwhile is told by the answer', async () => {
    await atHome(post('5', '2'));
    stage.actions.seen('5', true);
    stage.clock.pass(200);
    await stage.ok('watch.set', { counts: [], mine: [], posts: [gone(post('5', '2'), 30)] });
    expect(home()).toBe('');
  });

  test('explore is heard while it is open', async () => {
    stage.welcome();
    stage.actions.openTimeline('explore');
    stage.clock.pass(200);
    expect(stage.socket.last('watch.set')).toMatchObject({ post_ids: [], explore: true });
    await stage.ok('watch.set', { counts: [], mine: [], posts: [] });
    stage.actions.closeTimeline('explore');
    stage.clock.pass(200);
    expect(stage.socket.last('watch.set')['explore']).toBeUndefined();
  });

  test('what was opened while away is heard before it is read', () => {
    stage.welcome();
    stage.socket.lose();
    stage.actions.openTimeline('explore');
    stage.actions.openThread('5');
    stage.clock.pass(30_000);
    stage.welcome();
    const sent = stage.socket.sent.map((frame) => frame.type);
    expect(sent.indexOf('watch.set')).toBeLessThan(sent.indexOf('timeline.get'));
    expect(sent.indexOf('watch.set')).toBeLessThan(sent.indexOf('post.thread'));
    expect(stage.socket.last('watch.set')).toMatchObject({ post_ids: ['5'], explore: true });
  });

  test('explore and a thread are heard before they are read, so that nothing falls between', async () => {
    await atHome(post('5', '2'));
    stage.actions.seen('5', true);
    stage.clock.pass(200);
    const asked = () => stage.socket.sent.slice(-2).map((frame) => frame.type);
    stage.actions.openTimeline('explore');
    expect(asked()).toEqual(['watch.set', 'timeline.get']);
    expect(stage.socket.last('watch.set')).toMatchObject({ post_ids: ['5'], explore: true });
    stage.actions.openThread('9');
    expect(asked()).toEqual(['watch.set', 'post.thread']);
    expect(stage.socket.last('watch.set')['post_ids']).toEqual(['5', '9']);
  });

  test('never more than the limit, what is visible first', () => {
    stage.welcome(user('1'), { limits: { ...stage.state.limits, watch: 3 } });
    for (const id of ['1', '2', '3', '4']) {
      stage.actions.seen(id, true);
      if (id !== '4') stage.actions.seen(id, false);
    }
    stage.clock.pass(700);
    expect(stage.socket.last('watch.set')['post_ids']).toEqual(['4', '3', '2']);
  });
});

describe('a gap below what came by itself', () => {
  test('is read down to the first post that is not here, in one go', async () => {
    await atHome(post('5', '2'));
    stage.actions.setAtTop('home', false);
    for (let i = 0; i < 1_200; i += 1) stage.event('author:2', post(String(1_000 + i), '2'));
    stage.frame();
    const waits = stage.state.timelines.get('home');
    expect((waits?.waiting.length ?? 0) + (waits?.beyond ?? 0)).toBe(1_200);
    stage.actions.showNew('home');
    const list = stage.state.timelines.get('home');
    const gap = list?.rows.find((row) => row.kind === 'gap');
    stage.actions.loadGap('home', gap?.id ?? '');
    const known = Array.from({ length: 50 }, (_, i) => post(String(2_199 - i), '2'));
    await stage.ok('timeline.get', { entries: known, next: 'n' });
    expect(stage.socket.last('timeline.get')['before']).toBe('n');
    await stage.ok('timeline.get', { entries: [post('1500', '2')], next: 'm' });
    expect(stage.socket.last('timeline.get')['before']).toBe('n');
    const rows = stage.state.timelines.get('home')?.rows ?? [];
    expect(rows.slice(-3)).toMatchObject([
      { post_id: '1500' },
      { kind: 'gap', before: 'm', loading: false },
      { post_id: '5' },
    ]);
  });
});

describe('looking', () => {
  test('a profile that is not there is missing, one that did not come has failed', async () => {
    stage.welcome();
    stage.actions.openProfile('@Ada');
    expect(stage.socket.last('profile.get')).toMatchObject({ name: 'ada' });
    await stage.refuse('profile.get', 'not_found');
    expect(stage.state.lookups.get('ada')).toEqual({ state: 'missing' });
    stage.actions.openProfile('ada');
    await stage.refuse('profile.get', 'internal');
    expect(stage.state.lookups.get('ada')?.state).toBe('failed');
    await stage.comeBack();
    await stage.refuse('profile.get', 'not_found');
    stage.actions.closeProfile('Ada');
    await stage.comeBack();
    expect(stage.socket.of('profile.get')).toEqual([]);
  });

  test('lists of people go on where they ended', async () => {
    stage.welcome();
    stage.actions.openPeople('followers:2');
    await stage.ok('follow.list', { users: [user('3')], next: 'n' });
    stage.actions.loadMorePeople('followers:2');
    expect(stage.socket.last('follow.list')).toMatchObject({ direction: 'followers', before: 'n' });
    await stage.ok('follow.list', { users: [user('4'), user('3')] });
    const list = stage.state.people.get('followers:2');
    expect(list?.rows.map((row) => row.user_id)).toEqual(['3', '4']);
    expect(list?.ended).toBe(true);
  });

  test('who reacted, with one emoji', async () => {
    stage.welcome();
    stage.actions.openPeople('reactions:5:👍');
    expect(stage.socket.last('react.list')).toMatchObject({ post_id: '5', emoji: '👍' });
    await stage.ok('react.list', { reactions: [{ user: user('3'), emoji: '👍', at: '' }] });
    expect(stage.state.people.get('reactions:5:👍')?.rows).toEqual([{ user_id: '3', emoji: '👍' }]);
  });

  test('going back asks once at a time, and says when it failed', async () => {
    stage.welcome();
    stage.actions.openTimeline('user:2');
    await stage.ok('timeline.get', { entries: [post('5', '2')], next: 'n' });
    stage.actions.loadMore('user:2');
    stage.actions.loadMore('user:2');
    expect(stage.socket.of('timeline.get')).toHaveLength(2);
    await stage.refuse('timeline.get', 'internal');
    expect(stage.state.timelines.get('user:2')?.state).toBe('failed');
    stage.actions.loadMore('user:2');
    expect(stage.socket.last('timeline.get')).toMatchObject({ before: 'n' });
    await stage.ok('timeline.get', { entries: [post('4', '2')] });
    expect(stage.state.timelines.get('user:2')).toMatchObject({ state: 'ready', ended: true });
  });
});
