import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Refusal } from '../wire/refusal';
import { settled } from '../wire/testing/fakes';
import { post, user } from './testing/nouns';
import { media, Stage } from './testing/stage';
import { MemoryVault } from './vault-memory';

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

  test('too fast, or at a bad moment, it says why and goes again by itself, with the same key', async () => {
    await atHome();
    const key = stage.actions.post('home', 'too fast');
    stage.actions.post('home', 'the next one');
    await stage.refuse('post.create', 'rate_limited', { retry_after: 6 });
    const [next, first] = stage.state.drafts;
    expect(first).toMatchObject({ key, state: 'waiting', refusal: { code: 'rate_limited' } });
    expect(next).toMatchObject({ state: 'waiting', refusal: null });
    expect(stage.socket.of('post.create')).toHaveLength(1);
    stage.clock.pass(5_900);
    expect(stage.socket.of('post.create')).toHaveLength(1);
    stage.clock.pass(2_000);
    expect(stage.socket.last('post.create')).toMatchObject({ key });
    await stage.ok('post.create', { post: post('9', '1', { text: 'too fast' }) });
    expect(stage.socket.last('post.create')).toMatchObject({ text: 'the next one' });
  });

  test('refused, it keeps its words, says why, and can be tried again with the same key', async () => {
    await atHome();
    const key = stage.actions.post('reply:5', 'to nobody');
    stage.actions.post('home', 'something else');
    await stage.refuse('post.create', 'not_found', { field: 'reply_to' });
    const failed = { key, text: 'to nobody', state: 'failed', refusal: { code: 'not_found' } };
    expect(stage.state.drafts[1]).toMatchObject(failed);
    expect(stage.socket.last('post.create')).toMatchObject({ text: 'something else' });
    await stage.ok('post.create', { post: post('9', '1', { text: 'something else' }) });
    stage.actions.retryDraft(key);
    expect(stage.socket.of('post.create')).toHaveLength(3);
    expect(stage.socket.last('post.create')).toMatchObject({ key });
  });

  test('one that answers another waits for it, and answers its post', async () => {
    await atHome();
    const first = stage.actions.post('home', 'one');
    stage.actions.post(`reply:${first}`, 'two');
    expect(stage.socket.of('post.create')).toHaveLength(1);
    await stage.ok('post.create', { post: post('9', '1', { text: 'one' }) });
    expect(stage.socket.last('post.create')).toMatchObject({ text: 'two', reply_to: '9' });
  });

  test('one that answers another has nothing to answer when that is taken back', async () => {
    await atHome();
    stage.socket.lose();
    const first = stage.actions.post('home', 'one');
    stage.actions.post(`reply:${first}`, 'two');
    stage.actions.discardDraft(first);
    const failed = { state: 'failed', refusal: { code: 'not_found', field: 'reply_to' } };
    expect(stage.state.drafts).toMatchObject([{ text: 'two', ...failed }]);
  });

  test('what was begun in answer to a draft goes on in answer to its post', async () => {
    await atHome();
    const first = stage.actions.post('home', 'one');
    stage.actions.keepText(`reply:${first}`, 'and t');
    stage.actions.addPictures(`reply:${first}`, [new File(['x'], 'a.png', { type: 'image/png' })]);
    stage.http.last('upload').resolve(media('77'));
    await stage.ok('post.create', { post: post('9', '1', { text: 'one' }) });
    expect(stage.state.posted.get(first)).toBe('9');
    expect(stage.actions.keptText('reply:9')).toBe('and t');
    expect(stage.actions.keptText(`reply:${first}`)).toBe('');
    stage.actions.post(`reply:${first}`, 'and two');
    expect(stage.socket.last('post.create')).toMatchObject({ reply_to: '9', media: ['77'] });
    expect(stage.actions.keptText('reply:9')).toBe('');
  });

  test('what answers a draft that is gone by then keeps its words and says so', async () => {
    await atHome();
    stage.socket.lose();
    const first = stage.actions.post('home', 'one');
    stage.actions.discardDraft(first);
    stage.actions.post(`reply:${first}`, 'two');
    const failed = { state: 'failed', refusal: { code: 'not_found', field: 'reply_to' } };
    expect(stage.state.drafts).toMatchObject([{ text: 'two', ...failed }]);
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

  test('discarded, it is gone for good', async () => {
    const vault = new MemoryVault(true);
    stage = new Stage(undefined, vault);
    await settled();
    await atHome();
    await settled();
    const key = stage.actions.post('home', 'never mind');
    await settled();
    await stage.refuse('post.create', 'invalid');
    stage.actions.discardDraft(key);
    await settled();
    expect(await vault.kept('1')).toEqual([]);
    expect(stage.state.drafts).toEqual([]);
  });

  test('what was written outlives the page, and what was not sent is sent', async () => {
    const vault = new MemoryVault(true);
    stage = new Stage(undefined, vault);
    stage.welcome();
    stage.actions.keepText('quote:7', 'half a thought');
    stage.socket.lose();
    const key = stage.actions.post('reply:5', 'unsent');
    stage.actions.addPictures('home', [new File(['x'], 'a.png', { type: 'image/png' })]);
    const second = stage.actions.post('home', 'with a picture');
    await settled();
    const next = new Stage(stage.storage, vault);
    await settled();
    next.welcome();
    await settled();
    expect(next.actions.keptText('quote:7')).toBe('half a thought');
    expect(next.socket.of('post.create')).toMatchObject([{ key, text: 'unsent', reply_to: '5' }]);
    await next.ok('post.create', { post: post('9', '1', { text: 'unsent', reply_to: '5' }) });
    next.http.last('upload').resolve(media('77'));
    await settled();
    expect(next.socket.last('post.create')).toMatchObject({ key: second, media: ['77'] });
    await next.ok('post.create', { post: post('10', '1', { text: 'with a picture' }) });
    expect(next.state.drafts).toEqual([]);
    expect(await vault.kept('1')).toEqual([]);
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
    expect(stage.state.drafts).toMatchObject([{ pictures: [{ state: 'waiting' }] }]);
    await stage.comeBack();
    stage.clock.pass(6_000);
    expect(stage.state.drafts).toMatchObject([{ state: 'pictures' }]);
    stage.http.last('upload').resolve(media('77'));
    await settled();
    expect(stage.socket.last('post.create')).toMatchObject({ media: ['77'] });
  });
});
