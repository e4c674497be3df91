import { act, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Actions } from '../../store/api';
import type { Draft } from '../../store/types';
import { draw } from '../../testing/draw';
import { byId, person, state } from '../../testing/fixture';
import { Overlays } from '../../ui/overlay';
import { Refusal } from '../../wire/refusal';
import { words } from '../compose/words';
import { DraftRow } from './draft';

const sam = person('1', 'sam', 'Sam');
const holds = {
  account: { state: 'in', user_id: sam.id } as const,
  nouns: { ...state().nouns, people: byId(sam) },
};

function draft(more: Partial<Draft>): Draft {
  return {
    key: 'k',
    at: 0,
    version: 1,
    notBefore: 0,
    text: 'On my way with the good chairs.',
    pictures: [],
    reply_to: null,
    quote_of: null,
    created_at: new Date().toISOString(),
    state: 'sending',
    refusal: null,
    ...more,
  };
}

const drawn = (more: Partial<Draft>, actions: Partial<Actions> = {}) =>
  draw(<DraftRow draft={draft(more)} />, holds, actions);

test('what is being sent is shown at once, as pending', () => {
  drawn({});
  expect(screen.getByText('On my way with the good chairs.')).toBeTruthy();
  expect(screen.getByText('Sending')).toBeTruthy();
  expect(screen.getByRole('article').dataset['state']).toBe('pending');
});

test('without a connection it waits, and says what will happen', () => {
  const connection = { ...state().connection, state: 'off' } as const;
  draw(<DraftRow draft={draft({ state: 'waiting' })} />, { ...holds, connection });
  expect(screen.getByText('Sent when you are back online.')).toBeTruthy();
});

test('one that failed keeps its words, says why, and offers three ways on', async () => {
  const actions = {
    retryDraft: vi.fn(),
    editDraft: vi.fn(() => null),
    discardDraft: vi.fn(),
  };
  const refusal = new Refusal('unavailable', 'The server is resting.');
  const { user } = drawn({ state: 'failed', refusal }, actions);
  expect(screen.getByText('On my way with the good chairs.')).toBeTruthy();
  expect(screen.getByRole('alert').textContent).toContain('The server is resting.');
  expect(screen.getByRole('article').dataset['state']).toBe('failed');
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  await user.click(screen.getByRole('button', { name: 'Edit' }));
  await user.click(screen.getByRole('button', { name: 'Discard' }));
  for (const deed of Object.values(actions)) expect(deed).toHaveBeenCalledWith('k');
});

test('editing one goes on in its own composer with the words that were kept', async () => {
  const actions = {
    editDraft: () => 'home' as const,
    keptText: () => 'On my way with the good chairs.',
  };
  const { user } = drawn({ state: 'failed' }, actions);
  await user.click(screen.getByRole('button', { name: 'Edit' }));
  expect(words.getState().by['1 home']).toBe('On my way with the good chairs.');
});

test('one may answer it before it is sent', async () => {
  const state_ = { ...holds, drafts: [draft({})] };
  const { user } = draw(
    <>
      <DraftRow draft={draft({})} />
      <DraftRow draft={draft({ key: 'l', text: 'And the table.', reply_to: 'k' })} />
      <Overlays />
    </>,
    state_,
    { keptText: () => '' },
  );
  const [first, answer] = screen.getAllByRole('article');
  expect(answer?.textContent).toContain('To Sam');
  await user.click(within(first as HTMLElement).getByRole('button', { name: 'Reply' }));
  const dialog = await screen.findByRole('dialog');
  expect(dialog.textContent).toContain('On my way with the good chairs.');
  expect(within(dialog).getByRole('textbox', { name: 'Reply to Sam' })).toBeTruthy();
});

describe('one that was too fast', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('says why, counts down to when it goes again, and may be edited meanwhile', () => {
    const refusal = new Refusal('rate_limited', 'Ten in ten seconds is the limit.', undefined, 3);
    drawn({ state: 'waiting', refusal, notBefore: Date.now() + 3_000 });
    const note = () => screen.getByRole('article').textContent;
    expect(note()).toContain('Ten in ten seconds is the limit. Sent again in 3 s.');
    expect(screen.getByRole('button', { name: 'Edit' })).toBeTruthy();
    act(() => vi.advanceTimersByTime(1_100));
    expect(note()).toContain('Sent again in 2 s.');
    act(() => vi.advanceTimersByTime(2_500));
    expect(note()).not.toContain('Sent again');
  });
});
