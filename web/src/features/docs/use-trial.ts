/** What is being tried: the command, its frame as text, and the socket. */

import { type FormEvent, useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { fillingOf, sampleOf } from './sample';
import { parsed, TrialSocket } from './socket';
import type { Entry } from './spec';

const uuid = () => crypto.randomUUID();

function opened(): WebSocket {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return new WebSocket(`${scheme}://${location.host}/ws`, 'realtime.v1');
}

const written = (frame: Record<string, unknown>) => JSON.stringify(frame, null, 2);

export function useTrial(commands: readonly Entry[]) {
  const [socket] = useState(() => new TrialSocket(opened));
  const trial = useSyncExternalStore(socket.subscribe, socket.get);
  const sample = useCallback(
    (id: string) => {
      const schema = commands.find((one) => one.id === id)?.schema;
      return schema ? written(sampleOf(schema, socket.get().known, uuid)) : '';
    },
    [commands, socket],
  );
  const first = commands.find(({ id }) => id === 'timeline.get') ?? commands[0];
  const [draft, setDraft] = useState(() => ({
    id: first?.id ?? '',
    text: sample(first?.id ?? ''),
  }));
  const [isBroken, setBroken] = useState(false);
  useEffect(() => () => socket.disconnect(), [socket]);
  const chosen = commands.find(({ id }) => id === draft.id) ?? (first as Entry);
  const frame = parsed(draft.text);

  const choose = useCallback(
    (id: string) => {
      setDraft({ id, text: sample(id) });
      setBroken(false);
    },
    [sample],
  );
  return {
    socket: trial,
    chosen,
    text: draft.text,
    isBroken,
    choose,
    has: (field: string) => frame !== null && field in frame,
    write: (text: string) => {
      setDraft({ ...draft, text });
      setBroken(false);
    },
    add: (field: string) => {
      const shape = chosen.schema?.properties?.[field] ?? {};
      const value = fillingOf(field, shape, trial.known, uuid);
      setDraft({ ...draft, text: written({ ...(frame ?? {}), [field]: value }) });
    },
    send: (event: FormEvent) => {
      event.preventDefault();
      if (frame === null) return setBroken(true);
      // A key says one thing once: the next frame from here is meant to be another.
      if (socket.send(frame) && 'key' in frame)
        setDraft({ ...draft, text: written({ ...frame, key: uuid() }) });
    },
    connect: () => socket.connect(),
    disconnect: () => socket.disconnect(),
    clear: () => socket.clear(),
  };
}
