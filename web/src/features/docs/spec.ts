/** The server's own documents, arranged for reading. Pure. */

export interface Schema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly $ref?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

export type Schemas = Readonly<Record<string, Schema>>;

interface Ref {
  readonly $ref: string;
}

/** The part of AsyncAPI 3 that the server writes. */
export interface AsyncApi {
  readonly channels: {
    readonly socket: { readonly address: string; readonly description: string };
  };
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly description?: string;
        readonly messages: readonly Ref[];
        readonly 'x-visitor'?: boolean;
        readonly 'x-result'?: Ref;
      }
    >
  >;
  readonly components: {
    readonly messages: Readonly<Record<string, { readonly name: string }>>;
    readonly schemas: Schemas;
  };
  readonly 'x-nouns': readonly string[];
  readonly 'x-errors': readonly { readonly code: string; readonly means: string }[];
  readonly 'x-closes': readonly {
    readonly code: number;
    readonly means: string;
    readonly client: string;
  }[];
}

interface Body {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

/** The part of OpenAPI 3.1 that the server writes. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly summary: string;
  readonly security?: unknown;
  readonly requestBody?: Body;
  readonly responses: Readonly<Record<string, Body & { readonly description: string }>>;
}

export interface Entry {
  /** What a link to it ends with, after the `#`. */
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly schema?: Schema;
  /** What a command is answered with. */
  readonly result?: string;
  readonly forVisitors?: boolean;
  /** Sent by the client: it can be tried. */
  readonly isCommand?: boolean;
}

export interface Part {
  readonly id: string;
  readonly title: string;
  readonly entries: readonly Entry[];
}

export interface Spec {
  readonly schemas: Schemas;
  readonly parts: readonly Part[];
}

/** The last word of a reference: the name of what it leads to. */
export function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}

export function specOf(socket: AsyncApi, http: OpenApi): Spec {
  const { schemas } = socket.components;
  const part = (id: string, title: string, entries: readonly Entry[]): Part => ({
    id,
    title,
    entries,
  });
  const parts = [
    part('commands', 'Commands', commands(socket)),
    part('frames', 'What the server says', frames(socket)),
    part(
      'nouns',
      'Nouns',
      socket['x-nouns'].map((ref) => noun(schemas, nameOf(ref))),
    ),
    part(
      'errors',
      'Error codes',
      socket['x-errors'].map(({ code, means }) => ({
        id: `error-${code}`,
        title: code,
        text: means,
      })),
    ),
    part(
      'closes',
      'Close codes',
      socket['x-closes'].map(({ code, means, client }) => ({
        id: `close-${code}`,
        title: String(code),
        text: `${means}\n\n${client}`,
      })),
    ),
    part('http', 'HTTP', routes(http)),
  ];
  const shown = new Set(parts.flatMap(({ entries }) => entries.map(({ schema }) => schema?.title)));
  const rest = Object.entries(schemas).filter(([name]) => !shown.has(name));
  parts.push(
    part(
      'shapes',
      'Other shapes',
      rest.map(([name]) => noun(schemas, name)),
    ),
  );
  return { schemas, parts };
}

function commands({ operations, components }: AsyncApi): Entry[] {
  return Object.entries(operations)
    .filter(([, { 'x-result': result }]) => result !== undefined)
    .map(([id, { description, messages, ...more }]) => {
      const schema = components.schemas[nameOf(messages[0]?.$ref ?? '')];
      return {
        id,
        title: id,
        text: description ?? '',
        ...(schema ? { schema } : {}),
        result: nameOf(more['x-result']?.$ref ?? ''),
        forVisitors: more['x-visitor'] === true,
        isCommand: true,
      };
    });
}

function frames({ operations, components }: AsyncApi): Entry[] {
  return (operations['receive']?.messages ?? []).map(({ $ref }) => {
    const name = nameOf($ref);
    const title = components.messages[name]?.name ?? name;
    return { ...noun(components.schemas, name), id: title, title };
  });
}

function noun(schemas: Schemas, name: string): Entry {
  const schema = schemas[name];
  return { id: name, title: name, text: schema?.description ?? '', ...(schema ? { schema } : {}) };
}

function routes({ paths }: OpenApi): Entry[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary, security, requestBody, responses }]) => {
      const title = `${method.toUpperCase()} ${path}`;
      const fine = Object.entries(responses).find(([status]) => status < '300');
      const others = Object.keys(responses).filter((status) => status >= '300');
      const text = [
        summary,
        security ? 'Needs the session cookie.' : '',
        others.length > 0 ? `Refuses with ${others.join(', ')}.` : '',
      ];
      const schema = schemaOf(requestBody);
      const answer = schemaOf(fine?.[1]);
      return {
        id: title
          .replace(/[^A-Za-z0-9]+/g, '-')
          .replace(/-$/, '')
          .toLowerCase(),
        title,
        text: text.filter(Boolean).join(' '),
        ...(schema ? { schema } : {}),
        ...(answer?.$ref ? { result: nameOf(answer.$ref) } : {}),
      };
    }),
  );
}

function schemaOf(body: Body | undefined): Schema | undefined {
  return Object.values(body?.content ?? {})[0]?.schema;
}

/** A field's type in few words, with the names of shapes as they are. */
export function typeOf(schema: Schema): string {
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' | ');
  if (schema.type === 'array') return schema.items ? `[${typeOf(schema.items)}]` : 'array';
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object')
    return `{…: ${typeOf(schema.additionalProperties)}}`;
  return schema.type ?? 'anything';
}

/** The shapes that this one names, for links. */
export function shapesIn(schema: Schema): string[] {
  if (schema.$ref) return [nameOf(schema.$ref)];
  const inner = [...(schema.anyOf ?? []), ...(schema.items ? [schema.items] : [])];
  return [...new Set(inner.flatMap(shapesIn))];
}

/** What a field's value may be, beyond its type. */
export function boundsOf(schema: Schema): string {
  const { minimum, maximum, minLength, maxLength } = schema;
  const words = [
    schema.description ?? '',
    maximum !== undefined ? `${minimum ?? 0} to ${maximum}.` : '',
    maxLength !== undefined ? `${minLength ?? 0} to ${maxLength} characters.` : '',
    schema.default !== undefined ? `${JSON.stringify(schema.default)} if left out.` : '',
  ];
  return words.filter(Boolean).join(' ');
}

/** Only what matches each of the words; parts that have nothing left are gone. */
export function found(parts: readonly Part[], query: string): Part[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = ({ title, text, schema }: Entry) => {
    const hay = `${title} ${text} ${Object.keys(schema?.properties ?? {}).join(' ')}`.toLowerCase();
    return words.every((word) => hay.includes(word));
  };
  return parts
    .map((part) => ({ ...part, entries: part.entries.filter(fits) }))
    .filter(({ entries }) => entries.length > 0);
}
