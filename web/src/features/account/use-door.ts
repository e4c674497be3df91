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

/** What is typed, by whom it is to be changed, and how the try goes. */
export interface DoorState {
  name: string;
  /** The name without what people write around it. */
  handle: string;
  password: string;
  setName: (name: string) => void;
  setPassword: (password: string) => void;
  wrong: Wrong;
  busy: boolean;
  /** Tries `enter` unless `check` finds something; home follows. */
  submit: (check: Wrong, enter: () => Promise<unknown>) => Promise<void>;
}

export function useDoor(): DoorState {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [wrong, setWrong] = useState<Wrong>({});
  const [busy, setBusy] = useState(false);
  // Once the first field that is wrong says so.
  useEffect(() => {
    if (Object.keys(wrong).length === 0) return;
    document.querySelector<HTMLElement>('.door-form [aria-invalid=true]')?.focus();
  }, [wrong]);
  const submit = async (check: Wrong, enter: () => Promise<unknown>) => {
    if (busy) return;
    setWrong(check);
    if (Object.keys(check).length > 0) return;
    setBusy(true);
    try {
      await enter();
      navigate('/', { replace: true });
    } catch (error) {
      setWrong(wrongOf(error));
    } finally {
      setBusy(false);
    }
  };
  const handle = name.trim().replace(/^@/, '');
  return { name, handle, password, setName, setPassword, wrong, busy, submit };
}

function wrongOf(error: unknown): Wrong {
  const { code, field, message } = asRefusal(error);
  const said = OURS[code] ?? message;
  if (field === 'name' || field === 'display_name' || field === 'password') {
    return { [field]: said };
  }
  // What does not fit together is told below the last of what was typed.
  return { [code === 'unauthenticated' ? 'password' : 'all']: said };
}
