import { fireEvent, screen } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Actions } from '../../store/api';
import type { Picture, State } from '../../store/types';
import { draw } from '../../testing/draw';
import { limits } from '../../testing/fixture';
import { Refusal } from '../../wire/refusal';
import { Composer } from './composer';
import { words } from './words';

beforeEach(() => words.setState({ by: {} }));

const holds: Partial<State> = { limits: { ...limits, text: 20 } };

function write(actions: Partial<Actions> = {}, more: Partial<State> = {}) {
  const page = draw(
    <Composer slot="home" label="Write a post" placeholder="What just happened?" action="Post" />,
    { ...holds, ...more },
    actions,
  );
  return { ...page, area: screen.getByRole('textbox', { name: 'Write a post' }) };
}

function picture(more: Partial<Picture>): Picture {
  return {
    id: 'p1',
    name: 'a.jpg',
    preview: 'blob:x',
    alt: '',
    state: 'ready',
    progress: 1,
    media: null,
    refusal: null,
    ...more,
  };
}

const postButton = () => screen.getByRole('button', { name: /^Post/ });

test('an empty composer waits, and says for what', () => {
  write();
  expect(postButton().getAttribute('aria-disabled')).toBe('true');
  expect(postButton().title).toBe('Write something first, or add a picture.');
});

test('Ctrl+Enter posts what is written and empties the composer', async () => {
  const post = vi.fn(() => 'key');
  const { user, area } = write({ post });
  await user.type(area, 'Hello there');
  await user.keyboard('{Control>}{Enter}{/Control}');
  expect(post).toHaveBeenCalledWith('home', 'Hello there');
  expect((area as HTMLTextAreaElement).value).toBe('');
});

test('each input is kept, so that nothing written is lost', async () => {
  const keepText = vi.fn();
  const { user, area } = write({ keepText });
  await user.type(area, 'ab');
  expect(keepText.mock.calls).toEqual([
    ['home', 'a'],
    ['home', 'ab'],
  ]);
});

test('what was kept is there again', () => {
  const { area } = write({ keptText: () => 'Half a thou' });
  expect((area as HTMLTextAreaElement).value).toBe('Half a thou');
});

test('the count appears in the last fifth', async () => {
  const { user, area } = write();
  await user.type(area, 'fifteen letters');
  expect(screen.queryByText(/left/)).toBeNull();
  await user.type(area, '!');
  expect(screen.getByText('4 left')).toBeTruthy();
});

test('beyond the limit the excess is marked, never cut, and not posted', async () => {
  const post = vi.fn(() => 'key');
  const { user, area, container } = write({ post });
  await user.type(area, 'twenty characters ok and more');
  expect((area as HTMLTextAreaElement).value).toBe('twenty characters ok and more');
  expect(container.querySelector('mark')?.textContent).toBe('and more');
  expect(screen.getByText('9 too many')).toBeTruthy();
  await user.keyboard('{Control>}{Enter}{/Control}');
  await user.click(postButton());
  expect(post).not.toHaveBeenCalled();
});

test('pasted and dropped pictures are added, other things are not', () => {
  const addPictures = vi.fn();
  const { area } = write({ addPictures });
  const image = new File(['x'], 'a.png', { type: 'image/png' });
  const other = new File(['x'], 'a.pdf', { type: 'application/pdf' });
  fireEvent.paste(area, { clipboardData: { files: [image] } });
  fireEvent.drop(area, { dataTransfer: { files: [other, image], types: ['Files'] } });
  fireEvent.paste(area, { clipboardData: { files: [other] } });
  expect(addPictures.mock.calls).toEqual([
    ['home', [image]],
    ['home', [image]],
  ]);
});

test('a picture alone may be posted, a refused one may not', async () => {
  const post = vi.fn(() => 'key');
  const { user, store } = write({ post }, { pictures: new Map([['home', [picture({})]]]) });
  await user.click(postButton());
  expect(post).toHaveBeenCalledTimes(1);
  const refused = picture({ state: 'failed', refusal: new Refusal('too_long', 'Too large') });
  store.setState({ pictures: new Map([['home', [refused]]]) });
  expect(await screen.findByText('Over 16 MB')).toBeTruthy();
  expect(postButton().getAttribute('aria-disabled')).toBe('true');
});

test('an upload tells how far it is, and one that did not arrive may be tried again', async () => {
  const retryPicture = vi.fn();
  const uploading = picture({ state: 'uploading', progress: 0.62 });
  const { user, store } = write({ retryPicture }, { pictures: new Map([['home', [uploading]]]) });
  expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('62');
  const lost = picture({ state: 'failed', refusal: new Refusal('offline') });
  store.setState({ pictures: new Map([['home', [lost]]]) });
  await user.click(await screen.findByRole('button', { name: /Try again/ }));
  expect(retryPicture).toHaveBeenCalledWith('home', 'p1');
});
