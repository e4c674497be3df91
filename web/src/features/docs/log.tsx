/** Frames of both directions in the order in which they went, each with its time. */

import { useEffect, useRef } from 'react';
import type { Said } from './socket';
import { words } from './words';

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});
const ARROWS = { here: '→', server: '←', note: '·' } as const;

export function Log({ said, onClear }: { said: readonly Said[]; onClear: () => void }) {
  const list = useRef<HTMLOListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever something was said.
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [said]);
  return (
    <section className="docs-log" aria-labelledby="frames-title">
      <header>
        <h3 id="frames-title">{words.frames}</h3>
        <button type="button" className="button" data-kind="quiet" onClick={onClear}>
          {words.clear}
        </button>
      </header>
      {said.length === 0 ? (
        <p className="faint">{words.noFrames}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys too.
        <ol ref={list} role="log" aria-labelledby="frames-title" tabIndex={0}>
          {said.map(({ number, at, from, text }) => (
            <li key={number} data-from={from}>
              <time dateTime={new Date(at).toISOString()}>{clock.format(at)}</time>
              <span aria-hidden="true">{ARROWS[from]}</span>
              <span className="said">{words[from]}</span>
              <code dir="ltr">{text}</code>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
