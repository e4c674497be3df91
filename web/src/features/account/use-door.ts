/** What both forms at the door think: one try at a time, what was refused, beside which field. */

import { useState } from 'react';
import { navigate } from 'wouter/use-browser-location';
import { texts } from '../../texts/texts';
import { asRefusal } from '../../wire/refusal';

export type Wrong = Partial<Record<'name' | 'display_name' | 'password' | 'all', string>>;

export function useDoor(check: () => Wrong, enter: () => Promise<unknown>) {
  const [wrong, setWrong] = useState<Wrong>({});
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    if (busy) return;
    const first = check();
    setWrong(first);
    if (Object.keys(first).length > 0) return focusWrong();
    setBusy(true);
    try {
      await enter();
      navigate('/', { replace: true });
    } catch (error) {
      const { code, field, message } = asRefusal(error);
      const known = field === 'name' || field === 'display_name' || field === 'password';
      const said = code === 'offline' ? texts.account.unreachable : message;
      setWrong({ [known ? field : 'all']: said });
      focusWrong();
    } finally {
      setBusy(false);
    }
  };
  return { wrong, busy, submit: () => void submit() };
}

/** To the first field that is wrong, once it says so. */
function focusWrong(): void {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>('.door-form [aria-invalid=true]')?.focus();
  });
}
