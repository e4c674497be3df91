/** A command to begin with: what must be there, filled with what is known. Pure. */

import type { Schema } from './spec';

/** What the frames so far have named. */
export interface Known {
  readonly user_id?: string;
  readonly post_id?: string;
  readonly cursor?: string;
}

export function sampleOf(
  schema: Schema,
  known: Known,
  uuid: () => string,
): Record<string, unknown> {
  const required = schema.required ?? [];
  return Object.fromEntries(
    Object.entries(schema.properties ?? {})
      .filter(([name]) => required.includes(name) && name !== 'ref')
      .map(([name, field]) => [name, fillingOf(name, field, known, uuid)]),
  );
}

/** The fields that may be added. */
export function optionalOf(schema: Schema): string[] {
  return Object.keys(schema.properties ?? {}).filter((name) => !schema.required?.includes(name));
}

export function fillingOf(name: string, field: Schema, known: Known, uuid: () => string): unknown {
  if (field.default !== undefined) return field.default;
  if (field.enum) return field.enum[0];
  if (name === 'key') return uuid();
  if (name === 'emoji') return '🌊';
  if (name === 'user_id') return known.user_id ?? '0';
  if (name === 'cursor') return known.cursor ?? '';
  if (/^(post_id|reply_to|quote_of|up_to)$/.test(name)) return known.post_id ?? '0';
  return plainOf(field);
}

function plainOf(field: Schema): unknown {
  switch (field.type) {
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return field.minimum ?? 0;
    case 'array':
      return [];
    case 'string':
      return '';
    default:
      return null;
  }
}

/** What this frame adds to what is known. */
export function learnt(known: Known, frame: unknown): Known {
  const nouns = named(frame);
  const post = nouns.find(({ kind, deleted }) => kind === 'post' && deleted !== true);
  const user = nouns.find(({ kind }) => kind === 'user');
  const cursor = (frame as { cursor?: unknown } | null)?.cursor;
  return {
    ...known,
    ...(typeof post?.id === 'string' ? { post_id: post.id } : {}),
    ...(typeof user?.id === 'string' && known.user_id === undefined ? { user_id: user.id } : {}),
    ...(typeof cursor === 'string' ? { cursor } : {}),
  };
}

interface Named {
  readonly kind?: unknown;
  readonly id?: unknown;
  readonly deleted?: unknown;
}

function named(value: unknown): Named[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(named);
  return 'kind' in value ? [value, ...inner] : inner;
}
