import { screen } from '@testing-library/react';
import { describe, expect, test, vi } from 'vitest';
import { draw } from '../testing/draw';
import { picture } from '../testing/fixture';
import { Pictures } from './pictures';
import { ratio, rendition, srcset } from './rendition';

const harbour = picture('1', '/media/a.webp', 600, 400, 'A harbour at dusk.');
const bread = picture('2', '/media/b.webp', 400, 400);
const four = [harbour, bread, { ...bread, id: '3' }, { ...harbour, id: '4' }];

describe('the pictures of a post', () => {
  test('up to three share a row, four stand two by two', () => {
    const { container, rerender } = draw(<Pictures media={four.slice(0, 3)} onOpen={vi.fn()} />);
    expect(container.querySelectorAll('.row')).toHaveLength(1);
    rerender(<Pictures media={four} onOpen={vi.fn()} />);
    const rows = [...container.querySelectorAll('.row')];
    expect(rows.map((row) => row.querySelectorAll('figure').length)).toEqual([2, 2]);
  });

  test('ALT opens the description below, and closes it', async () => {
    const { user } = draw(<Pictures media={[harbour, bread]} onOpen={vi.fn()} />);
    const [alt] = screen.getAllByRole('button', { name: /ALT/ });
    expect(screen.getAllByRole('button', { name: /ALT/ })).toHaveLength(1);
    await user.click(alt as HTMLElement);
    expect(screen.getByText('A harbour at dusk.').id).toBe(alt?.getAttribute('aria-controls'));
    await user.click(alt as HTMLElement);
    expect(screen.queryByText('A harbour at dusk.')).toBeNull();
  });

  test('a picture opens large, named by what it shows', async () => {
    const onOpen = vi.fn();
    const { user } = draw(<Pictures media={[bread, harbour]} onOpen={onOpen} />);
    await user.click(screen.getByRole('button', { name: 'Open picture: A harbour at dusk.' }));
    expect(onOpen).toHaveBeenCalledWith(1);
  });
});

test('a picture that moves can be stopped, and its still is shown then', async () => {
  const still = { url: '/media/m-still.webp', width: 400, height: 400 };
  const moving = { ...bread, url: '/media/m.webp', animated: true, sizes: [still] };
  const { container, user } = draw(<Pictures media={[moving]} onOpen={vi.fn()} />);
  const file = () => container.querySelector('img')?.getAttribute('src');
  expect(file()).toBe('/media/m.webp');
  await user.click(screen.getByRole('button', { name: 'Pause' }));
  expect(file()).toBe('/media/m-still.webp');
  await user.click(screen.getByRole('button', { name: 'Play' }));
  expect(file()).toBe('/media/m.webp');
});

describe('which file is loaded', () => {
  const sizes = [320, 640].map((width) => ({ url: `/media/${width}`, width, height: width }));
  const large = { ...bread, width: 2_000, height: 2_000, sizes };

  test('the smallest that is wide enough, else the largest', () => {
    expect(rendition(large, 300).url).toBe('/media/320');
    expect(rendition(large, 321).url).toBe('/media/640');
    expect(rendition(large, 900).url).toBe(large.url);
    expect(srcset(large)).toBe('/media/320 320w, /media/640 640w, /media/b.webp 2000w');
    expect(srcset(bread)).toBeUndefined();
  });

  test('a very long or high picture stands in a frame instead of being cut', () => {
    expect(ratio({ ...bread, width: 9_000, height: 300 })).toBe(4);
    expect(ratio({ ...bread, width: 300, height: 9_000 })).toBe(0.4);
    expect(ratio(harbour)).toBeCloseTo(1.5);
  });
});
