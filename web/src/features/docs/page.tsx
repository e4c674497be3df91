/** The whole page: contents to search, the text, and a console beside it. */

import '../../ui/button.css';
import './docs.css';

import { useEffect, useMemo, useState } from 'react';
import { Link } from '../../parts/link';
import { Console } from './console';
import { Section } from './section';
import { type Entry, found, type Part, type Spec } from './spec';
import { words } from './words';

export function Page({ spec }: { spec: Spec }) {
  const [query, setQuery] = useState('');
  const [wanted, setWanted] = useState<{ readonly entry: Entry } | null>(null);
  const parts = useMemo(() => found(spec.parts, query), [spec, query]);
  const commands = useMemo(
    () => spec.parts.flatMap(({ entries }) => entries.filter(({ isCommand }) => isCommand)),
    [spec],
  );
  const placeOf = useMemo(() => places(spec.parts), [spec]);
  useArrival();
  return (
    <div className="docs">
      <a className="button skip" href="#text">
        {words.skip}
      </a>
      <header className="docs-head">
        <Link className="link" href="/">
          {words.back}
        </Link>
        <h1>{words.title}</h1>
        <p>{words.lead}</p>
      </header>
      <nav
        className="docs-contents"
        data-found={query === '' ? undefined : ''}
        aria-label={words.contents}
      >
        <label>
          <span>{words.search}</span>
          <input type="search" value={query} onChange={(event) => setQuery(event.target.value)} />
        </label>
        <Contents parts={parts} />
        <p className="small">
          {words.documents}:{' '}
          <a className="link" href="/api/asyncapi.json">
            AsyncAPI
          </a>{' '}
          <a className="link" href="/api/openapi.json">
            OpenAPI
          </a>
        </p>
      </nav>
      <main id="text" tabIndex={-1}>
        {parts.length === 0 ? <p>{words.nothing}</p> : null}
        {parts.map(({ id, title, entries }) => (
          <div key={id}>
            <h2 id={id}>{title}</h2>
            {entries.map((entry) => (
              <Section
                key={entry.id}
                entry={entry}
                placeOf={placeOf}
                onTry={(one) => setWanted({ entry: one })}
              />
            ))}
          </div>
        ))}
      </main>
      <Console commands={commands} wanted={wanted} />
    </div>
  );
}

function Contents({ parts }: { parts: readonly Part[] }) {
  return (
    <ul>
      {parts.map(({ id, title, entries }) => (
        <li key={id}>
          <a href={`#${id}`}>{title}</a>
          <ul>
            {entries.map((entry) => (
              <li key={entry.id}>
                <a href={`#${entry.id}`}>{entry.title}</a>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

/** By the name of a shape: where it stands. */
function places(parts: readonly Part[]): (name: string) => string | null {
  const known = new Map<string, string>();
  for (const { entries } of parts)
    for (const { id, schema } of entries) if (schema?.title) known.set(schema.title, id);
  return (name) => known.get(name) ?? null;
}

/** What the address names is drawn only now: go there. */
function useArrival(): void {
  useEffect(() => {
    const place = decodeURIComponent(location.hash.slice(1));
    if (place) document.getElementById(place)?.scrollIntoView();
  }, []);
}
