/** Sign in. */

import { useState } from 'react';
import { useTitle } from '../../app/title';
import { Link } from '../../parts/link';
import { useActions } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { PasswordField, TextField } from '../../ui/field';
import { Door } from './door';
import { useDoor, type Wrong } from './use-door';

export function SignIn() {
  const actions = useActions();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  useTitle(texts.titles.signIn);
  const check = (): Wrong => ({
    ...(name.trim() ? {} : { name: texts.account.nameNeeded }),
    ...(password ? {} : { password: texts.account.passwordNeeded }),
  });
  const enter = () => actions.signIn(name.trim().replace(/^@/, ''), password);
  const { wrong, busy, submit } = useDoor(check, enter);
  return (
    <Door title={texts.account.signIn} onSubmit={submit}>
      <TextField
        label={texts.account.name}
        name="name"
        autoComplete="username"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        value={name}
        wrong={wrong.name}
        onChange={(event) => setName(event.target.value)}
      />
      <PasswordField
        label={texts.account.password}
        name="password"
        autoComplete="current-password"
        value={password}
        wrong={wrong.password ?? wrong.all}
        onChange={(event) => setPassword(event.target.value)}
      />
      <Button kind="lamp" type="submit" busy={busy}>
        {busy ? texts.account.signingIn : texts.account.signIn}
      </Button>
      <p>
        {texts.account.newHere}{' '}
        <Link className="link" href="/register">
          {texts.account.register}
        </Link>
        , {texts.account.or}{' '}
        <Link className="link" href="/explore">
          {texts.account.lookAround}
        </Link>{' '}
        {texts.account.orFirst}
      </p>
    </Door>
  );
}
