/** Make an account. */

import { useState } from 'react';
import { useTitle } from '../../app/title';
import { Link } from '../../parts/link';
import { useActions } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { PasswordField, TextField } from '../../ui/field';
import { Door } from './door';
import { Strength, strengthOf } from './strength';
import { useDoor, type Wrong } from './use-door';

const NAME = /^[a-z0-9_]{2,30}$/i;
const SHORTEST = 8;

export function Register() {
  const actions = useActions();
  const [name, setName] = useState('');
  const [shown, setShown] = useState('');
  const [password, setPassword] = useState('');
  useTitle(texts.titles.register);
  const handle = name.trim().replace(/^@/, '');
  const check = (): Wrong => ({
    ...(NAME.test(handle)
      ? {}
      : { name: handle ? texts.account.nameWrong : texts.account.nameNeeded }),
    ...([...password].length >= SHORTEST
      ? {}
      : { password: password ? texts.account.passwordShort : texts.account.passwordNeeded }),
  });
  const enter = () => actions.signUp(handle, password, shown.trim() || undefined);
  const { wrong, busy, submit } = useDoor(check, enter);
  return (
    <Door title={texts.account.register} onSubmit={submit}>
      <TextField
        label={texts.account.name}
        name="name"
        hint={texts.account.nameHint}
        autoComplete="username"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        value={name}
        wrong={wrong.name}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={
          <>
            {texts.account.shownAs} <span className="faint">{texts.account.shownHint}</span>
          </>
        }
        name="display_name"
        autoComplete="name"
        value={shown}
        wrong={wrong.display_name}
        onChange={(event) => setShown(event.target.value)}
      />
      <PasswordField
        label={texts.account.password}
        name="password"
        autoComplete="new-password"
        meter={<Strength password={password} />}
        hint={
          password
            ? `${texts.account.strength[strengthOf(password)]} ${texts.account.passwordHint}`
            : texts.account.passwordHint
        }
        value={password}
        wrong={wrong.password}
        onChange={(event) => setPassword(event.target.value)}
      />
      {wrong.all ? (
        <p className="door-wrong" role="alert">
          {wrong.all}
        </p>
      ) : null}
      <Button kind="lamp" type="submit" busy={busy}>
        {busy ? texts.account.registering : texts.account.register}
      </Button>
      <p>
        {texts.account.beenHere}{' '}
        <Link className="link" href="/login">
          {texts.account.signIn}
        </Link>
      </p>
    </Door>
  );
}
