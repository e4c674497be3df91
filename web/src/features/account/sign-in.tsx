/** Sign in. */

import { useTitle } from '../../app/title';
import { Link } from '../../parts/link';
import { useActions } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { Door } from './door';
import { useDoor, type Wrong } from './use-door';

export function SignIn() {
  const actions = useActions();
  const door = useDoor();
  const { handle, password } = door;
  useTitle(texts.titles.signIn);
  const check: Wrong = {
    ...(handle ? {} : { name: texts.account.nameNeeded }),
    ...(password ? {} : { password: texts.account.passwordNeeded }),
  };
  return (
    <Door
      title={texts.account.signIn}
      busyTitle={texts.account.signingIn}
      door={door}
      passwords="current-password"
      onSubmit={() => door.submit(check, () => actions.signIn(handle, password))}
      foot={
        <>
          {texts.account.newHere}{' '}
          <Link className="link" href="/register">
            {texts.account.register}
          </Link>
          , {texts.account.or}{' '}
          <Link className="link" href="/explore">
            {texts.account.lookAround}
          </Link>{' '}
          {texts.account.orFirst}
        </>
      }
    />
  );
}
