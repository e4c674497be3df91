import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { draw } from '../../testing/draw';
import { Overlays } from '../../ui/overlay';
import { Refusal } from '../../wire/refusal';
import { Farewell } from './farewell';

test('an account is deleted only after a last question and with the password', async () => {
  const refuse = () => Promise.reject(new Refusal('forbidden', 'That is not yours.', 'password'));
  const deleteAccount = vi.fn(refuse);
  const { user } = draw(
    <>
      <Farewell />
      <Overlays />
    </>,
    {},
    { deleteAccount },
  );
  await user.click(screen.getByRole('button', { name: 'Delete my account…' }));
  const password = () => screen.getByLabelText('Your password');
  expect(document.activeElement).toBe(password());
  await user.click(screen.getByRole('button', { name: 'Delete for good' }));
  expect(screen.getByText('A password, please.')).toBeTruthy();
  expect(deleteAccount).not.toHaveBeenCalled();
  await user.type(password(), 'wrong words');
  await user.click(screen.getByRole('button', { name: 'Delete for good' }));
  expect(await screen.findByText('That is not yours.')).toBeTruthy();
  expect(deleteAccount).toHaveBeenCalledWith('wrong words');
  await user.click(screen.getByRole('button', { name: 'Keep it' }));
  expect(screen.queryByLabelText('Your password')).toBeNull();
});
