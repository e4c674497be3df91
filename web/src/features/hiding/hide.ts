/** Hide someone, or no longer: says what happened, and offers the way back. */

import type { Actions } from '../../store/api';
import type { Person } from '../../store/types';
import { texts } from '../../texts/texts';
import { say } from '../../ui/toasts';

export type How = 'block' | 'mute';

const DONE = {
  block: [texts.hiding.unblocked, texts.hiding.blocked],
  mute: [texts.hiding.unmuted, texts.hiding.muted],
} as const;

export async function hide(actions: Actions, how: How, person: Person, on: boolean): Promise<void> {
  const refusal = await actions[how](person.id, on);
  if (refusal?.code === 'cancelled') return;
  if (refusal) {
    say(refusal.message);
    return;
  }
  const back = () => void hide(actions, how, person, false);
  say(
    DONE[how][on ? 1 : 0](person.display_name),
    on ? { label: texts.hiding.undo, do: back } : undefined,
  );
}
