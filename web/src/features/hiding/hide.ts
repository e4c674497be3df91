/** Hide someone, or no longer: says what happens, and offers the way back. */

import type { Actions } from '../../store/api';
import type { Person } from '../../store/types';
import { texts } from '../../texts/texts';
import { say } from '../../ui/toasts';
import { told } from '../post/gate';

export type How = 'block' | 'mute';

const DONE = {
  block: [texts.hiding.unblocked, texts.hiding.blocked],
  mute: [texts.hiding.unmuted, texts.hiding.muted],
} as const;

/** Shown and said at once; whatever is refused is taken back, and said too. */
export function hide(actions: Actions, how: How, person: Person, on: boolean): void {
  told(actions[how](person.id, on));
  const back = () => hide(actions, how, person, false);
  say(
    DONE[how][on ? 1 : 0](person.display_name),
    on ? { label: texts.hiding.undo, do: back } : undefined,
  );
}
