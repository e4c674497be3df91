/** Where one is signed in; each can be ended from here. */

import { Code, Laptop, Smartphone } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { Lamp } from '../../parts/lamp';
import { Time } from '../../parts/time';
import { useActions } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { Icon } from '../../ui/icon';
import { show } from '../../ui/overlay';
import { Question } from '../../ui/question';
import { say } from '../../ui/toasts';
import type { Session } from '../../wire/protocol';
import { asRefusal } from '../../wire/refusal';
import { Section } from './section';

function drawing(device: string) {
  if (/phone|iphone|android|ipad|tablet/i.test(device)) return Smartphone;
  return / on /.test(device) ? Laptop : Code;
}

type Listed = readonly Session[] | 'loading' | 'failed';

function useDevices() {
  const actions = useActions();
  const [listed, setListed] = useState<Listed>('loading');
  const load = useCallback(() => {
    actions.devices().then(setListed, () => setListed('failed'));
  }, [actions]);
  useEffect(load, [load]);
  /** End these, one after the other; the list then says what is so. */
  const end = async (ids: readonly string[], done: string) => {
    try {
      for (const id of ids) await actions.endDevice(id);
      say(done);
    } catch (error) {
      say(asRefusal(error).message);
    }
    load();
  };
  return { listed, load, end };
}

export function Devices() {
  const { listed, load, end } = useDevices();
  const others = typeof listed === 'string' ? [] : listed.filter((each) => !each.current);
  const ids = others.map((each) => each.id);
  const endOthers = () => void end(ids, texts.settings.endedAll);
  return (
    <Section title={texts.settings.devices} what={texts.settings.devicesWhat}>
      {listed === 'failed' ? (
        <p className="list-failed" role="alert">
          {texts.settings.devicesFailed}
          <Button onClick={load}>{texts.tryAgain}</Button>
        </p>
      ) : null}
      {typeof listed === 'string' ? null : (
        <ul>
          {listed.map((session) => (
            <Device
              key={session.id}
              session={session}
              onEnd={() => void end([session.id], texts.settings.ended)}
            />
          ))}
        </ul>
      )}
      {others.length > 1 ? (
        <div>
          <Button
            kind="danger-quiet"
            onClick={() =>
              show((close) => (
                <Question
                  title={texts.settings.endAsk}
                  what={texts.settings.endWhat(others.length)}
                  no={texts.act.keepThem}
                  yes={texts.settings.endYes}
                  close={close}
                  onYes={endOthers}
                />
              ))
            }
          >
            {texts.settings.endOthers}
          </Button>
        </div>
      ) : null}
    </Section>
  );
}

function Device({ session, onEnd }: { session: Session; onEnd: () => void }) {
  return (
    <li className="device">
      <Icon of={drawing(session.device)} />
      <div>
        <p>
          <b>{session.device}</b>
        </p>
        <p>
          {session.address} ·{' '}
          {session.current ? texts.settings.now : <Time at={session.last_seen} />}
        </p>
      </div>
      {session.current ? (
        <span className="this">
          <Lamp state="live" />
          {texts.settings.thisOne}
        </span>
      ) : (
        <Button onClick={onEnd}>
          {texts.settings.end}
          <span className="said">{texts.settings.endThat(session.device)}</span>
        </Button>
      )}
    </li>
  );
}
