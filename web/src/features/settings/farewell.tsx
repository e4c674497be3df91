/** Deleting one's account: asked once more, and proved with the password. */

import { type FormEvent, useId, useState } from 'react';
import { navigate } from 'wouter/use-browser-location';
import { useActions, useMe } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { PasswordField } from '../../ui/field';
import { show } from '../../ui/overlay';
import { say } from '../../ui/toasts';
import { asRefusal } from '../../wire/refusal';
import { Section } from './section';

export function Farewell() {
  return (
    <Section title={texts.settings.leave} what={texts.settings.leaveWhat} grave>
      <Button kind="danger-quiet" onClick={() => show((close) => <LeaveAsk close={close} />)}>
        {texts.settings.leaveOpen}
      </Button>
    </Section>
  );
}

function LeaveAsk({ close }: { close: () => void }) {
  const actions = useActions();
  const me = useMe();
  const form = useId();
  const [password, setPassword] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const leave = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setWrong(password ? null : texts.account.passwordNeeded);
    if (!password) return;
    setBusy(true);
    try {
      await actions.deleteAccount(password);
      close();
      navigate('/explore');
      say(texts.settings.left);
    } catch (error) {
      setWrong(asRefusal(error).message);
      setBusy(false);
    }
  };
  const posts = me?.about?.posts ?? 0;
  return (
    <Dialog
      title={texts.settings.leaveAsk}
      onClose={close}
      grave
      footer={
        <>
          <Button onClick={close}>{texts.act.keepIt}</Button>
          <Button kind="danger" type="submit" form={form} busy={busy}>
            {busy ? texts.settings.leaving : texts.act.deleteYes}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={leave} noValidate className="farewell">
        <p>
          {posts > 0 ? `${texts.settings.leaveNumber(posts)} ` : null}
          {texts.settings.leaveFirst}
        </p>
        <input
          type="text"
          name="name"
          autoComplete="username"
          value={me?.name ?? ''}
          readOnly
          hidden
        />
        <PasswordField
          label={texts.settings.leavePassword}
          autoComplete="current-password"
          value={password}
          wrong={wrong}
          onChange={(event) => setPassword(event.target.value)}
          data-focus
        />
      </form>
    </Dialog>
  );
}
