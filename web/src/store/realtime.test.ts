import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Refusal } from '../wire/refusal';
import { settled } from '../wire/testing/fakes';
import { countsShown, mineShown } from './overlays';
import { counts, gone, mine, post, relation, retweet, user } from './testing/nouns';
import { media, Stage } from './testing/stage';

let stage: Stage;

beforeEach(() => {
  stage = new Stage();
  vi.stubGlobal(
    'URL',
    Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: () => {} }),
  );
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
    stage.welcome();
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

describe('posting', () => {
  test('shows a draft at once, and the post in its place when it is answered', async () => {
    await atHome();
    const key = stage.actions.post('home', 'hello');
    expect(stage.state.drafts).toMatchObject([{ key, text: 'hello', state: 'sending' }]);
    expect(stage.socket.last('post.create')).toMatchObject({ key, text: 'hello' });
    const one = post('9', '1', { text: 'hello' });
    stage.event('author:1', one);
    stage.frame();
    expect(home()).toBe('');
    await stage.ok('post.create', { post: one });
    expect(stage.state.drafts).toEqual([]);
    expect(home()).toBe('9');
    stage.frame();
    expect(home()).toBe('9');
  });

  test('without a connection it waits, and goes by itself, once', async () => {
    await atHome();
    stage.socket.lose();
    const key = stage.actions.post('home', 'later');
    expect(stage.state.drafts).toMatchObject([{ state: 'waiting' }]);
    stage.clock.pass(30_000);
    stage.welcome(user('1'), { resumed: true });
    expect(stage.socket.of('post.create')).toMatchObject([{ key }]);
    await stage.comeBack();
    expect(stage.socket.of('post.create')).toMatchObject([{ key }]);
    expect(stage.state.drafts).toMatchObject([{ state: 'sending' }]);
  });

  test('refused, it keeps its words, says why, and can be tried again with the same key', async () => {
    await atHome();
    const key = stage.actions.post('home', 'too fast');
    await stage.refuse('post.create', 'rate_limited', { retry_after: 6 });
    const failed = { key, text: 'too fast', state: 'failed' };
    expect(stage.state.drafts).toMatchObject([{ ...failed, refusal: { retry_after: 6 } }]);
    stage.actions.retryDraft(key);
    expect(stage.socket.of('post.create')).toHaveLength(2);
    expect(stage.socket.last('post.create')).toMatchObject({ key });
  });

  test('refused, it can be edited: the words go back to their composer', async () => {
    await atHome();
    const key = stage.actions.post('reply:5', 'wrong words');
    await stage.refuse('post.create', 'not_found');
    stage.actions.keepText('reply:5', 'begun anew');
    expect(stage.actions.editDraft(key)).toBe('reply:5');
    expect(stage.actions.keptText('reply:5')).toBe('wrong words\n\nbegun anew');
    expect(stage.state.drafts).toEqual([]);
  });

  test('discarded, it is gone after a reload too', async () => {
    await atHome();
    const key = stage.actions.post('home', 'never mind');
    await stage.refuse('post.create', 'invalid');
    stage.actions.discardDraft(key);
    const next = new Stage(stage.storage);
    next.welcome();
    expect(next.state.drafts).toEqual([]);
  });

  test('what was written outlives the page, and what was not sent is sent', () => {
    stage.welcome();
    stage.actions.keepText('quote:7', 'half a thought');
    stage.socket.lose();
    const key = stage.actions.post('reply:5', 'unsent');
    const next = new Stage(stage.storage);
    next.welcome();
    expect(next.actions.keptText('quote:7')).toBe('half a thought');
    expect(next.socket.last('post.create')).toMatchObject({ key, text: 'unsent', reply_to: '5' });
  });

  test('words of one account are not shown to another', () => {
    stage.welcome();
    stage.actions.keepText('home', 'mine alone');
    const next = new Stage(stage.storage);
    next.welcome(user('2'));
    expect(next.actions.keptText('home')).toBe('');
  });

  test('a reply shows in the open thread as soon as it is answered', async () => {
    stage.welcome();
    stage.actions.openThread('5');
    await stage.ok('post.thread', { ancestors: [], post: post('5', '2'), replies: [] });
    stage.actions.post('reply:5', 'yes');
    expect(stage.socket.last('post.create')).toMatchObject({ reply_to: '5' });
    await stage.ok('post.create', { post: post('9', '1', { text: 'yes', reply_to: '5' }) });
    expect(stage.state.threads.get('5')?.replies).toEqual(['9']);
  });
});

describe('pictures', () => {
  const file = (name: string, type = 'image/png') => new File(['x'], name, { type });

  test('are uploaded at once; the draft waits for them, then goes', async () => {
    stage.welcome();
    stage.actions.addPictures('home', [file('a.png')]);
    expect(stage.state.pictures.get('home')).toMatchObject([{ state: 'uploading', progress: 0.5 }]);
    stage.actions.post('home', 'look');
    expect(stage.state.pictures.get('home')).toBeUndefined();
    expect(stage.state.drafts).toMatchObject([
      { state: 'pictures', pictures: [{ name: 'a.png' }] },
    ]);
    expect(stage.socket.of('post.create')).toEqual([]);
    stage.http.last('upload').resolve(media('77'));
    await settled();
    expect(stage.socket.last('post.create')).toMatchObject({ text: 'look', media: ['77'] });
  });

  test('described later are uploaded again with their words', async () => {
    stage.welcome();
    stage.actions.addPictures('home', [file('a.png')]);
    stage.http.last('upload').resolve(media('77'));
    await settled();
    const [one] = stage.state.pictures.get('home') ?? [];
    stage.actions.describePicture('home', one?.id ?? '', 'A cat.');
    expect(stage.http.last('upload').args).toEqual(['a.png', 'A cat.']);
    stage.http.last('upload').resolve(media('78', { alt: 'A cat.' }));
    await settled();
    stage.actions.post('home', '');
    expect(stage.socket.last('post.create')).toMatchObject({ media: ['78'] });
  });

  test('of a kind that can’t be shown are refused here', () => {
    stage.welcome();
    stage.actions.addPictures('home', [file('a.svg', 'image/svg+xml')]);
    expect(stage.http.calls).toEqual([]);
    expect(stage.state.pictures.get('home')).toMatchObject([
      { state: 'failed', refusal: { code: 'invalid', field: 'file' } },
    ]);
  });

  test('are at most as many as a post may have', () => {
    stage.welcome();
    stage.actions.addPictures(
      'home',
      ['1', '2', '3', '4', '5'].map((name) => file(name)),
    );
    expect(stage.state.pictures.get('home')).toHaveLength(4);
  });

  test('that a lost connection stopped go on with the next', async () => {
    stage.welcome();
    stage.actions.addPictures('home', [file('a.png')]);
    stage.actions.post('home', 'look');
    stage.http.last('upload').reject(new Refusal('offline'));
    await settled();
    expect(stage.state.drafts).toMatchObject([{ state: 'failed', refusal: { code: 'offline' } }]);
    await stage.comeBack();
    expect(stage.state.drafts).toMatchObject([{ state: 'pictures' }]);
    stage.http.last('upload').resolve(media('77'));
    await settled();
    expect(stage.socket.last('post.create')).toMatchObject({ media: ['77'] });
  });
});

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
    const [first, second] = stage.socket.of('react.set');
    const on = {
      counts: counts('5', 11, { reactions: { '👍': 3 } }),
      mine: mine('5', 11, { reactions: ['👍'] }),
    };
    stage.socket.say({ type: 'ok', ref: first?.ref, result: on });
    await settled();
    expect(shownMine()?.reactions).toEqual([]);
    const off = { counts: counts('5', 12, { reactions: { '👍': 2 } }), mine: mine('5', 12) };
    stage.socket.say({ type: 'ok', ref: second?.ref, result: off });
    await settled();
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
