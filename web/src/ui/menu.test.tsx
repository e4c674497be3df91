import { screen } from '@testing-library/react';
import { Link2, Quote, Repeat } from 'lucide-react';
import { useRef, useState } from 'react';
import { expect, test, vi } from 'vitest';
import { draw } from '../testing/draw';
import { Menu } from './menu';

const chosen = vi.fn();

function WithMenu() {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const items = [
    { icon: Repeat, label: 'Retweet', onChoose: () => chosen('Retweet') },
    { icon: Quote, label: 'Quote', onChoose: () => chosen('Quote') },
    { icon: Link2, label: 'Copy link', onChoose: () => chosen('Copy link') },
  ];
  return (
    <>
      <button type="button" ref={button} onClick={() => setOpen(true)}>
        Open
      </button>
      {open ? (
        <Menu name="More" items={items} anchor={button} onClose={() => setOpen(false)} />
      ) : null}
    </>
  );
}

function focused(): string | null | undefined {
  return document.activeElement?.textContent;
}

test('a menu is walked by arrow keys and first letters, and gives the focus back', async () => {
  const { user } = draw(<WithMenu />);
  await user.click(screen.getByRole('button', { name: 'Open' }));
  expect(focused()).toBe('Retweet');
  await user.keyboard('{ArrowDown}');
  expect(focused()).toBe('Quote');
  await user.keyboard('{ArrowUp}{ArrowUp}');
  expect(focused()).toBe('Copy link');
  await user.keyboard('{Home}');
  expect(focused()).toBe('Retweet');
  await user.keyboard('q');
  expect(focused()).toBe('Quote');
  await user.keyboard('{Enter}');
  expect(chosen).toHaveBeenCalledWith('Quote');
  expect(screen.queryByRole('menu')).toBeNull();
  expect(focused()).toBe('Open');
});
