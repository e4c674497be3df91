/** Where a command is tried: a frame to edit, a socket to send it on, and all that is said on it. */

import { useEffect, useRef } from 'react';
import { Log } from './log';
import { optionalOf } from './sample';
import type { Entry } from './spec';
import { useTrial } from './use-trial';
import { words } from './words';

interface Props {
  commands: readonly Entry[];
  /** The command that was asked for last; another object each time. */
  wanted: { readonly entry: Entry } | null;
}

export function Console({ commands, wanted }: Props) {
  const trial = useTrial(commands);
  const box = useRef<HTMLTextAreaElement>(null);
  const { choose } = trial;
  useEffect(() => {
    if (wanted === null) return;
    choose(wanted.entry.id);
    box.current?.focus();
  }, [wanted, choose]);
  const { state, name } = trial.socket;
  return (
    <aside className="docs-console" aria-labelledby="console-title">
      <header>
        <h2 id="console-title">{words.console}</h2>
        {state === 'open' ? (
          <button type="button" className="button" data-kind="quiet" onClick={trial.disconnect}>
            {words.disconnect}
          </button>
        ) : (
          <button
            type="button"
            className="button"
            aria-disabled={state === 'opening' || undefined}
            onClick={trial.connect}
          >
            {words.connect}
          </button>
        )}
      </header>
      <p role="status" id="console-state" className="faint">
        {state === 'open' ? whoIs(name) : state === 'opening' ? words.connecting : words.closed}
      </p>
      <form onSubmit={trial.send}>
        <label>
          <span>{words.command}</span>
          <select value={trial.chosen.id} onChange={(event) => choose(event.target.value)}>
            {commands.map(({ id }) => (
              <option key={id}>{id}</option>
            ))}
          </select>
        </label>
        <label>
          <span>{words.frame}</span>
          <textarea
            ref={box}
            dir="ltr"
            rows={7}
            spellCheck={false}
            value={trial.text}
            aria-invalid={trial.isBroken || undefined}
            aria-describedby={trial.isBroken ? 'frame-error' : undefined}
            onChange={(event) => trial.write(event.target.value)}
          />
        </label>
        {trial.isBroken ? (
          <p id="frame-error" className="docs-error">
            {words.notJson}
          </p>
        ) : null}
        <Optional trial={trial} />
        <button
          type="submit"
          className="button"
          data-kind="lamp"
          aria-disabled={state !== 'open' || undefined}
          aria-describedby="console-state"
        >
          {words.send}
        </button>
      </form>
      <Log said={trial.socket.said} onClear={trial.clear} />
    </aside>
  );
}

function whoIs(name: string | null): string {
  return name === null ? words.visitor : words.signedIn(name);
}

function Optional({ trial }: { trial: ReturnType<typeof useTrial> }) {
  const fields = trial.chosen.schema ? optionalOf(trial.chosen.schema) : [];
  const missing = fields.filter((field) => !trial.has(field));
  if (missing.length === 0) return null;
  return (
    <p className="docs-chips">
      {missing.map((field) => (
        <button type="button" key={field} onClick={() => trial.add(field)}>
          <span className="said">{words.add} </span>
          {field}
        </button>
      ))}
    </p>
  );
}
