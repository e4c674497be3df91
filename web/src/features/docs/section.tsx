/** One thing to know: a command, a frame, a noun, a code or a route. */

import { Fields } from './fields';
import { Prose } from './prose';
import type { Entry } from './spec';
import { words } from './words';

interface Props {
  entry: Entry;
  placeOf: (name: string) => string | null;
  onTry: (entry: Entry) => void;
}

export function Section({ entry, placeOf, onTry }: Props) {
  const { id, title, text, schema, result, forVisitors, isCommand } = entry;
  const place = result === undefined ? null : placeOf(result);
  return (
    <section id={id} className="docs-entry" aria-labelledby={`${id}-title`}>
      <header>
        <h3 id={`${id}-title`}>
          <a href={`#${id}`} title={words.linkTo(title)}>
            <code>{title}</code>
          </a>
        </h3>
        {isCommand ? (
          <>
            <span className="faint">{forVisitors ? words.visitors : words.session}</span>
            <button type="button" className="button" onClick={() => onTry(entry)}>
              {words.console}
              <span className="said"> {title}</span>
            </button>
          </>
        ) : null}
      </header>
      <Prose text={text} />
      {schema ? <Fields name={title} schema={schema} placeOf={placeOf} /> : null}
      {result !== undefined ? (
        <p>
          {isCommand ? words.answered : words.answers}{' '}
          {place === null ? (
            <code>{result}</code>
          ) : (
            <a className="link" href={`#${place}`}>
              <code>{result}</code>
            </a>
          )}
        </p>
      ) : null}
    </section>
  );
}
