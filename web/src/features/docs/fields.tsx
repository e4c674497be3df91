/** A shape's fields as a table, each with its type, linked to the shapes that it names. */

import { Words } from './prose';
import { boundsOf, type Schema, shapesIn, typeOf } from './spec';
import { words } from './words';

interface Props {
  name: string;
  schema: Schema;
  /** Where the shape of this name stands on the page; null: nowhere. */
  placeOf: (name: string) => string | null;
}

export function Fields({ name, schema, placeOf }: Props) {
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls, by keys too.
    <section className="docs-wide" aria-label={words.fieldsOf(name)} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.field}</th>
            <th scope="col">{words.type}</th>
            <th scope="col">{words.about}</th>
          </tr>
        </thead>
        <tbody>
          {fields.map(([field, shape]) => (
            <tr key={field}>
              <th scope="row">
                <code>{field}</code>
                {schema.required?.includes(field) ? null : <small> {words.optional}</small>}
              </th>
              <td>
                <Type shape={shape} placeOf={placeOf} />
              </td>
              <td>
                <Words text={boundsOf(shape)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Type({ shape, placeOf }: { shape: Schema; placeOf: Props['placeOf'] }) {
  const places = shapesIn(shape).map((name) => ({ name, place: placeOf(name) }));
  if (places.every(({ place }) => place === null)) return <code>{typeOf(shape)}</code>;
  // Cut at the names: what lies between them stays as it is.
  const names = places.map(({ name }) => name);
  const pieces = typeOf(shape).split(new RegExp(`\\b(${names.join('|')})\\b`));
  return (
    <code>
      {pieces.map((piece, at) => {
        const place = places.find(({ name }) => name === piece)?.place;
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never move.
        if (!place) return <span key={at}>{piece}</span>;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above.
          <a className="link" key={at} href={`#${place}`}>
            {piece}
          </a>
        );
      })}
    </code>
  );
}
