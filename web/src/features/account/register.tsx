/** Make an account. */

import { useState } from 'react';
import { useTitle } from '../../app/title';
import { Link } from '../../parts/link';
import { useActions } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { TextField } from '../../ui/field';
import { Door } from './door';
import { Strength, strengthOf } from './strength';
import { useDoor, type Wrong } from './use-door';

const NAME = /^[a-z0-9_]{2,30}$/i;
const SHORTEST = 8;

export function Register() {
  const actions = useActions();
  const door = useDoor();
  const { handle, password } = door;
  const [shown, setShown] = useState('');
  useTitle(texts.titles.register);
  const t = texts.account;
  const check: Wrong = {
    ...(NAME.test(handle) ? {} : { name: handle ? t.nameWrong : t.nameNeeded }),
    ...([...password].length >= SHORTEST
      ? {}
      : { password: password ? t.passwordShort : t.passwordNeeded }),
  };
  const enter = () => actions.signUp(handle, password, shown.trim() || undefined);
  return (
    <Door
      title={t.register}
      busyTitle={t.registering}
      door={door}
      nameHint={t.nameHint}
      passwords="new-password"
      passwordHint={
        password ? `${t.strength[strengthOf(password)]} ${t.passwordHint}` : t.passwordHint
      }
      meter={<Strength password={password} />}
      onSubmit={() => door.submit(check, enter)}
      foot={
        <>
          {t.beenHere}{' '}
          <Link className="link" href="/login">
            {t.signIn}
          </Link>
        </>
      }
    >
      <TextField
        label={
          <>
            {t.shownAs} <span className="faint">{t.shownHint}</span>
          </>
        }
        name="display_name"
        autoComplete="name"
        value={shown}
        wrong={door.wrong.display_name}
        onChange={(event) => setShown(event.target.value)}
      />
    </Door>
  );
}
