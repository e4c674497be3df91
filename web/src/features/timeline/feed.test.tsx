import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { Actions } from '../../store/api';
import type { Draft, Timeline } from '../../store/types';
import { draw } from '../../testing/draw';
import { byId, entry, person, post, state, timeline } from '../../testing/fixture';
import { Refusal } from '../../wire/refusal';
import { Feed } from './feed';

const mei = person('1', 'mei', 'Mei');
const ada = person('2', 'ada', 'Ada');
const noor = person('3', 'noor', 'Noor');
const first = post('20', mei, 'The ferry left early.');
const second = post('10', mei, 'The ferry was late.');
const nouns = { ...state().nouns, people: byId(mei, ada, noor), posts: byId(first, second) };

function feed(shown: Timeline | undefined, actions: Partial<Actions> = {}, drafts: Draft[] = []) {
  return draw(
    <Feed list="home" timeline={shown} name="Home" drafts={drafts} empty={<p>Quiet so far</p>} />,
    { nouns },
    actions,
  );
}

test('a timeline that is on its way has the shape of posts', () => {
  feed(undefined);
  expect(screen.getByRole('status', { name: 'Loading the timeline' })).toBeTruthy();
});

test('an empty one says so only when it is known to be empty', () => {
  const { rerender } = feed(timeline('home', [], { state: 'loading', ended: false }));
  expect(screen.queryByText('Quiet so far')).toBeNull();
  rerender(
    <Feed list="home" timeline={timeline('home', [])} name="Home" empty={<p>Quiet so far</p>} />,
  );
  expect(screen.getByText('Quiet so far')).toBeTruthy();
});

test('one that did not arrive can be asked for again', async () => {
  const loadMore = vi.fn();
  const refusal = new Refusal('unavailable', 'The database is resting.');
  const { user } = feed(timeline('home', [], { state: 'failed', ended: false, refusal }), {
    loadMore,
  });
  expect(screen.getByText('The database is resting.')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(loadMore).toHaveBeenCalledWith('home');
});

test('posts, who carried them here, and the end', () => {
  const rows = [entry('20', { by: [ada.id, noor.id], others: 3, own: false }), entry('10')];
  feed(timeline('home', rows));
  const articles = screen.getAllByRole('article', { name: 'Post by Mei' });
  expect(articles[0]?.textContent).toContain('Ada, Noor and 3 others retweeted');
  expect(articles[1]?.textContent).toContain('The ferry was late.');
  expect(screen.getByText('That is everything, back to the first post.')).toBeTruthy();
});

test('more is asked for near the end, unless that was all', () => {
  const loadMore = vi.fn();
  feed(timeline('home', [entry('20')], { ended: false }), { loadMore });
  expect(loadMore).toHaveBeenCalledWith('home');
  loadMore.mockClear();
  feed(timeline('home', [entry('20')], { ended: true }), { loadMore });
  expect(loadMore).not.toHaveBeenCalled();
});

test('a gap is told, and loadable', async () => {
  const loadGap = vi.fn();
  const gap = { kind: 'gap', id: 'g', before: null, loading: false } as const;
  const { user } = feed(timeline('home', [entry('20'), gap, entry('10')]), { loadGap });
  await user.click(screen.getByRole('button', { name: 'Load them' }));
  expect(loadGap).toHaveBeenCalledWith('home', 'g');
});

test('a deleted post is not drawn in a list', () => {
  const gone = { ...first, deleted: true, text: '' };
  draw(
    <Feed
      list="home"
      timeline={timeline('home', [entry('20'), entry('10')])}
      name="Home"
      empty={null}
    />,
    { nouns: { ...nouns, posts: byId(gone, second) } },
  );
  expect(screen.getAllByRole('article', { name: 'Post by Mei' })).toHaveLength(1);
});
