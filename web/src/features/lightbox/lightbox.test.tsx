import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, test, vi } from 'vitest';
import { draw } from '../../testing/draw';
import { picture } from '../../testing/fixture';
import { Lightbox } from './lightbox';

const three = ['one', 'two', 'three'].map((alt, at) =>
  picture(`${at}`, `/media/${alt}.webp`, 600, 400, alt),
);
const shown = () => screen.getByRole('img').getAttribute('alt');

function open(start = 0) {
  const close = vi.fn();
  return { close, ...draw(<Lightbox media={three} start={start} close={close} />) };
}

describe('by keyboard', () => {
  test('arrows go round, Home and End go to the ends', async () => {
    const { user } = open();
    for (const [key, alt] of [
      ['{ArrowRight}', 'two'],
      ['{End}', 'three'],
      ['{ArrowRight}', 'one'],
      ['{ArrowLeft}', 'three'],
      ['{Home}', 'one'],
    ] as const) {
      await user.keyboard(key);
      expect(shown()).toBe(alt);
      expect(screen.getByRole('status').textContent).toContain(alt);
    }
  });

  test('a step keeps the focus where it was', async () => {
    const { user } = open();
    const button = screen.getByRole('button', { name: 'Close' });
    button.focus();
    await user.keyboard('{ArrowRight}{ArrowRight}');
    expect(document.activeElement).toBe(button);
  });
});

describe('by finger', () => {
  const push = (x: number, y: number, pointerType = 'touch') => {
    const image = screen.getByRole('img');
    const touch = { pointerId: 1, pointerType, isPrimary: true };
    fireEvent.pointerDown(image, { ...touch, clientX: 300, clientY: 300 });
    fireEvent.pointerMove(image, { ...touch, clientX: 300 + x, clientY: 300 + y });
    const followed = image.style.translate;
    fireEvent.pointerUp(image, { ...touch, clientX: 300 + x, clientY: 300 + y });
    return followed;
  };

  test('pushed to the left comes the next one, to the right the one before', () => {
    const { close } = open();
    expect(push(-120, 10)).toBe('-120px');
    expect(shown()).toBe('two');
    push(120, -10);
    expect(shown()).toBe('one');
    expect(close).not.toHaveBeenCalled();
  });

  test('pushed down it goes away; a tap or a mouse does nothing', () => {
    const { close } = open();
    push(3, 4);
    push(-200, 0, 'mouse');
    expect(shown()).toBe('one');
    expect(close).not.toHaveBeenCalled();
    push(20, 180);
    expect(close).toHaveBeenCalledOnce();
  });
});

test('one that moves can be stopped here too', async () => {
  const still = { url: '/media/m-still.webp', width: 400, height: 400 };
  const moving = { ...picture('9', '/media/m.webp', 400, 400), animated: true, sizes: [still] };
  const { user } = draw(<Lightbox media={[moving]} start={0} close={vi.fn()} />);
  const file = () => document.querySelector('.lightbox img')?.getAttribute('src');
  expect(file()).toBe('/media/m.webp');
  await user.click(screen.getByRole('button', { name: 'Pause' }));
  expect(file()).toBe('/media/m-still.webp');
});
