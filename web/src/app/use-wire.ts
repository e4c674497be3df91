/** What the lamp shows and the head says about the connection; quiet about short breaks. */

import { useEffect, useState } from 'react';
import { navigate } from 'wouter/use-browser-location';
import { useAccount, useActions, useConnection } from '../store/hooks';
import type { Connection } from '../store/types';
import { texts } from '../texts/texts';

/** A break as short as this is nobody's business. */
const PATIENCE_MS = 1_200;

interface Wire {
  lamp: Connection['state'];
  /** What the lamp says to ears. */
  name: string;
  /** What the head says; null: all is well, or it is too early to tell. */
  note: string | null;
  /** More of it, where there is room. */
  rest: string;
  retry: (() => void) | null;
  retryName: string;
}

const NAMES = {
  live: texts.wire.live,
  connecting: texts.wire.connecting,
  off: texts.wire.off,
} as const;

export function useWire(): Wire {
  const connection = useConnection();
  const account = useAccount();
  const actions = useActions();
  const isLong = useLong(connection.state !== 'live');
  const lamp = connection.state;
  const calm: Wire = { lamp, name: NAMES[lamp], note: null, rest: '', retry: null, retryName: '' };
  if (account.state === 'ended') return { ...calm, lamp: 'off', name: texts.wire.off, ...ended };
  if (connection.stopped) return { ...calm, ...stopped(connection) };
  if (!isLong) return calm;
  return {
    ...calm,
    note: noteOf(connection),
    rest: connection.wasLive || account.state === 'in' ? texts.wire.kept : '',
    ...again(connection, actions.reconnect),
  };
}

const ended: Partial<Wire> = {
  note: texts.wire.ended,
  retry: () => navigate('/login'),
  retryName: texts.nav.signIn,
};

function stopped(connection: Connection): Partial<Wire> {
  return {
    note: connection.reason || texts.wire.stopped,
    retry: () => location.reload(),
    retryName: texts.wire.reload,
  };
}

function noteOf({ state, retryInSeconds, wasLive }: Connection): string {
  if (state !== 'off' || !retryInSeconds)
    return wasLive ? texts.wire.reconnecting : texts.wire.connectingNow;
  return wasLive
    ? texts.wire.reconnectingIn(retryInSeconds)
    : texts.wire.connectingIn(retryInSeconds);
}

function again({ state }: Connection, reconnect: () => void) {
  return state === 'off' ? { retry: reconnect, retryName: texts.wire.tryNow } : {};
}

/** True once `is` has held for a while. */
function useLong(is: boolean): boolean {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    if (!is) return setLong(false);
    const timer = setTimeout(() => setLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [is]);
  return is && isLong;
}
