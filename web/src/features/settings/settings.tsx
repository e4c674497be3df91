/** Settings: the look, where one is signed in, the password, one's data, and the end of it. */

import './settings.css';

import { useState } from 'react';
import { navigate } from 'wouter/use-browser-location';
import { Head } from '../../app/head';
import { useTitle } from '../../app/title';
import { useActions } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { say } from '../../ui/toasts';
import { asRefusal } from '../../wire/refusal';
import { Devices } from './devices';
import { Farewell } from './farewell';
import { HiddenPeople } from './hidden';
import { Keyboard } from './keyboard';
import { Look, Speech } from './look';
import { Password } from './password';
import { Section } from './section';
import { askSignOut } from './sign-out';
import { Things } from './things';

export function Settings() {
  useTitle(texts.titles.settings);
  return (
    <>
      <Head title={texts.titles.settings} back />
      <div className="settings">
        <Look />
        <Speech />
        <Keyboard />
        <HiddenPeople />
        <Devices />
        <Password />
        <SignOut />
        <Things />
        <Farewell />
      </div>
    </>
  );
}

function SignOut() {
  const actions = useActions();
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    try {
      await actions.signOut();
      navigate('/login');
    } catch (error) {
      say(asRefusal(error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section title={texts.settings.signOut} what={texts.settings.signOutWhat}>
      <div>
        <Button
          busy={busy}
          onClick={() => (actions.unsent() > 0 ? askSignOut(leave) : void leave())}
        >
          {texts.settings.signOut}
        </Button>
      </div>
    </Section>
  );
}
