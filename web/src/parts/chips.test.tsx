import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { draw } from '../testing/draw';
import { Chips } from './chips';

const add = (
  <button type="button" aria-label="Add a reaction">
    +
  </button>
);

function names(): string[] {
  return screen.getAllByRole('button').map((button) => button.getAttribute('aria-label') ?? '');
}

test('the add button comes first, chips keep the order in which they came', () => {
  const { rerender } = draw(
    <Chips
      postId="c1"
      reactions={{ '🌊': 1, '👀': 9 }}
      mine={[]}
      limit={8}
      add={add}
      onReact={vi.fn()}
    />,
  );
  expect(names()).toEqual(['Add a reaction', '🌊, 1', '👀, 9']);
  rerender(
    <Chips
      postId="c1"
      reactions={{ '👀': 12, '🔥': 3, '🌊': 1 }}
      mine={[]}
      limit={8}
      add={add}
      onReact={vi.fn()}
    />,
  );
  expect(names()).toEqual(['Add a reaction', '🌊, 1', '👀, 12', '🔥, 3']);
});

test('one’s own are pressed and said to be one’s own; pressing again takes them back', async () => {
  const onReact = vi.fn();
  const { user } = draw(
    <Chips
      postId="c2"
      reactions={{ '🌊': 18 }}
      mine={['🌊']}
      limit={8}
      add={add}
      onReact={onReact}
    />,
  );
  const chip = screen.getByRole('button', { name: '🌊, 18, yours' });
  expect(chip.getAttribute('aria-pressed')).toBe('true');
  await user.click(chip);
  expect(onReact).toHaveBeenCalledWith('🌊', false);
});

test('at the limit the add button goes away and other chips say why they wait', async () => {
  const onReact = vi.fn();
  const { user } = draw(
    <Chips
      postId="c3"
      reactions={{ '🌊': 1, '🔥': 2 }}
      mine={['🌊']}
      limit={1}
      add={add}
      onReact={onReact}
    />,
  );
  expect(screen.queryByRole('button', { name: 'Add a reaction' })).toBeNull();
  const other = screen.getByRole('button', { name: '🔥, 2' });
  expect(other.getAttribute('aria-disabled')).toBe('true');
  expect(other.title).not.toBe('');
  await user.click(other);
  expect(onReact).not.toHaveBeenCalled();
});

test('a chip that falls to nought stays below the hand, and goes when the hand has left', async () => {
  const chips = (reactions: Record<string, number>, mine: string[]) => (
    <Chips postId="c4" reactions={reactions} mine={mine} limit={8} add={add} onReact={vi.fn()} />
  );
  const { rerender, user } = draw(chips({ '🌊': 1, '🔥': 2 }, ['🌊']));
  await user.hover(screen.getByRole('button', { name: '🌊, 1, yours' }));
  rerender(chips({ '🔥': 2 }, []));
  expect(names()).toEqual(['Add a reaction', '🌊, 0', '🔥, 2']);
  await user.unhover(screen.getByRole('list'));
  expect(names()).toEqual(['Add a reaction', '🔥, 2']);
});

test('a changed count gets a spark, the first one does not', () => {
  const chips = (n: number) => (
    <Chips postId="c5" reactions={{ '🔥': n }} mine={[]} limit={8} add={add} onReact={vi.fn()} />
  );
  const { rerender } = draw(chips(1));
  expect(screen.getByRole('button', { name: '🔥, 1' }).dataset['fresh']).toBeUndefined();
  rerender(chips(2));
  expect(screen.getByRole('button', { name: '🔥, 2' }).dataset['fresh']).toBe('true');
});
