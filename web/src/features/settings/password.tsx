/** Changing the password; all other devices are signed out by it. */

import { type FormEvent, useState } from 'react';
import { useActions, useMe } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { PasswordField } from '../../ui/field';
import { say } from '../../ui/toasts';
import { asRefusal } from '../../wire/refusal';
import { Strength } from '../account/strength';
import { Section } from './section';

type Wrong = Partial<Record<'current' | 'new', string>>;

const SHORTEST = 8;

export function Password() {
  const actions = useActions();
  const me = useMe();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [wrong, setWrong] = useState<Wrong>({});
  const [busy, setBusy] = useState(false);
  const change = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const first: Wrong = {};
    if (!current) first.current = texts.account.passwordNeeded;
    if ([...next].length < SHORTEST) first.new = texts.account.passwordShort;
    setWrong(first);
    if (first.current || first.new) return;
    setBusy(true);
    try {
      await actions.changePassword(current, next);
      setCurrent('');
      setNext('');
      say(texts.settings.changed);
    } catch (error) {
      const { field, message } = asRefusal(error);
      setWrong({ [field === 'current' ? 'current' : 'new']: message });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section title={texts.settings.password} what={texts.settings.passwordWhat}>
      <form onSubmit={change} noValidate>
        <input
          type="text"
          name="name"
          autoComplete="username"
          value={me?.name ?? ''}
          readOnly
          hidden
        />
        <PasswordField
          label={texts.settings.current}
          autoComplete="current-password"
          value={current}
          wrong={wrong.current}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <PasswordField
          label={texts.settings.next}
          autoComplete="new-password"
          hint={texts.account.passwordHint}
          meter={next ? <Strength password={next} /> : null}
          value={next}
          wrong={wrong.new}
          onChange={(event) => setNext(event.target.value)}
        />
        <Button kind="lamp" type="submit" busy={busy}>
          {busy ? texts.settings.changing : texts.settings.change}
        </Button>
      </form>
    </Section>
  );
}
