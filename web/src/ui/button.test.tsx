import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { draw } from '../testing/draw';
import { Button } from './button';

test('a button that waits can be reached, says why, and does nothing', async () => {
  const onClick = vi.fn();
  const { user } = draw(
    <Button waits="Write something first." onClick={onClick}>
      Post
    </Button>,
  );
  const button = screen.getByRole('button', { name: /Post/ });
  expect(button.getAttribute('aria-disabled')).toBe('true');
  expect(button.hasAttribute('disabled')).toBe(false);
  const reason = document.getElementById(button.getAttribute('aria-describedby') ?? '');
  expect(reason?.textContent).toBe('Write something first.');
  await user.tab();
  expect(document.activeElement).toBe(button);
  await user.keyboard('{Enter}');
  await user.click(button);
  expect(onClick).not.toHaveBeenCalled();
});

test('a busy button is pressed once only', async () => {
  const onClick = vi.fn();
  const { user } = draw(
    <Button busy onClick={onClick}>
      Saving
    </Button>,
  );
  const button = screen.getByRole('button', { name: 'Saving' });
  expect(button.getAttribute('aria-busy')).toBe('true');
  await user.click(button);
  expect(onClick).not.toHaveBeenCalled();
});
