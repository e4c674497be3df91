/** What both forms at the door think: one try at a time, what was refused, beside which field. */

import { useEffect, useState } from 'react';
import { navigate } from 'wouter/use-browser-location';
import { texts } from '../../texts/texts';
import { asRefusal, type RefusalCode } from '../../wire/refusal';

/** Here we know better what it means. */
const OURS: Partial<Record<RefusalCode, string>> = {
  offline: texts.account.unreachable,
  unauthenticated: texts.account.unfitting,
};

export type Wrong = Partial<Record<'name' | 'display_name' | 'password' | 'all', string>>;

export function useDoor(check: () => Wrong, enter: () => Promise<unknown>) {
  const [wrong, setWrong] = useState<Wrong>({});
  const [busy, setBusy] = useState(false);
  // Once the first field that is wrong says so.
  useEffect(() => {
    if (Object.keys(wrong).length === 0) return;
    document.querySelector<HTMLElement>('.door-form [aria-invalid=true]')?.focus();
  }, [wrong]);
  const submit = async () => {
    if (busy) return;
    const first = check();
    setWrong(first);
    if (Object.keys(first).length > 0) return;
    setBusy(true);
    try {
      await enter();
      navigate('/', { replace: true });
    } catch (error) {
      const { code, field, message } = asRefusal(error);
      const known = field === 'name' || field === 'display_name' || field === 'password';
      setWrong({ [known ? field : 'all']: OURS[code] ?? message });
    } finally {
      setBusy(false);
    }
  };
  return { wrong, busy, submit: () => void submit() };
}
