import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { draw } from '../../testing/draw';
import { Refusal } from '../../wire/refusal';
import { Register } from './register';
import { SignIn } from './sign-in';
import { strengthOf } from './strength';

const name = () => screen.getByLabelText('Name');
const password = () => screen.getByLabelText('Password');

test('a refused sign-in is told below the password, and what was typed stays', async () => {
  const message = 'Name and password do not fit together.';
  const signIn = vi.fn(() => Promise.reject(new Refusal('unauthenticated', message)));
  const { user } = draw(<SignIn />, {}, { signIn });
  await user.type(name(), '@sam');
  await user.type(password(), 'wrong words here');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(await screen.findByText(message)).toBeTruthy();
  expect(signIn).toHaveBeenCalledWith('sam', 'wrong words here');
  expect(password().getAttribute('aria-invalid')).toBe('true');
  expect((name() as HTMLInputElement).value).toBe('@sam');
});

test('nothing is asked of the server while a field is empty', async () => {
  const signIn = vi.fn();
  const { user } = draw(<SignIn />, {}, { signIn });
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(screen.getByText('A name, please.')).toBeTruthy();
  expect(screen.getByText('A password, please.')).toBeTruthy();
  expect(signIn).not.toHaveBeenCalled();
});

test('a taken name is told beside the name', async () => {
  const taken = new Refusal('conflict', 'Somebody is @sam already.', 'name');
  const signUp = vi.fn(() => Promise.reject(taken));
  const { user } = draw(<Register />, {}, { signUp });
  await user.type(name(), 'sam');
  await user.type(password(), 'four random words');
  await user.click(screen.getByRole('button', { name: 'Make an account' }));
  expect(await screen.findByText('Somebody is @sam already.')).toBeTruthy();
  expect(name().getAttribute('aria-invalid')).toBe('true');
  expect(signUp).toHaveBeenCalledWith('sam', 'four random words', undefined);
});

test('names and passwords that cannot be are told at once', async () => {
  const signUp = vi.fn();
  const { user } = draw(<Register />, {}, { signUp });
  await user.type(name(), 'no spaces');
  await user.type(password(), 'short');
  await user.click(screen.getByRole('button', { name: 'Make an account' }));
  expect(screen.getByText('A name is 2 to 30 of a–z, 0–9 and _.')).toBeTruthy();
  expect(screen.getByText('8 characters at least.')).toBeTruthy();
  expect(signUp).not.toHaveBeenCalled();
});

test('a password can be looked at', async () => {
  const { user } = draw(<SignIn />);
  expect(password().getAttribute('type')).toBe('password');
  await user.click(screen.getByRole('button', { name: 'Show the password' }));
  expect(password().getAttribute('type')).toBe('text');
});

test.each([
  ['', 0],
  ['short', 0],
  ['aaaaaaaaaaaaaaaaaaaa', 1],
  ['abcdefgh', 1],
  ['correct horse', 2],
  ['correct horse batt', 3],
  ['correct horse battery staple', 4],
])('%s has strength %d', (words, level) => {
  expect(strengthOf(words)).toBe(level);
});
