/** Go on with words that were written before. */

import type { Slot } from '../../store/api';
import { useAccount, useActions } from '../../store/hooks';
import { openSlot } from './open';
import { placeOf, words } from './words';

export function useGoOn() {
  const actions = useActions();
  const account = useAccount();
  /** Opens the composer of `slot` with what is kept for it, and with `text` above that. */
  return (slot: Slot, text = ''): void => {
    const kept = actions.keptText(slot);
    const all = [text, kept].filter((part) => part !== '').join('\n\n');
    if (all !== kept) actions.keepText(slot, all);
    words.getState().put(placeOf(account.user_id, slot), all);
    openSlot(slot);
  };
}
