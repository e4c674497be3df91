/** The page of the protocol leaves out nothing that the server says about itself. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fillingOf, learnt, optionalOf, sampleOf } from './sample';
import { type AsyncApi, boundsOf, found, nameOf, type OpenApi, specOf, typeOf } from './spec';

const read = <T>(name: string) =>
  JSON.parse(readFileSync(`../docs/api/${name}.json`, 'utf-8')) as T;
const socket = read<AsyncApi>('asyncapi');
const http = read<OpenApi>('openapi');
const spec = specOf(socket, http);
const entries = spec.parts.flatMap((part) => part.entries);
const uuid = () => '00000000-0000-4000-8000-000000000000';

test('every command, frame, noun, code, route and shape has one place', () => {
  const ids = entries.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const commands = Object.keys(socket.operations).filter((name) => name !== 'receive');
  expect(ids).toEqual(expect.arrayContaining(commands));
  expect(ids).toEqual(expect.arrayContaining(socket['x-nouns'].map(nameOf)));
  expect(ids).toEqual(expect.arrayContaining(['welcome', 'event', 'goodbye', 'error-too_long']));
  expect(ids).toEqual(expect.arrayContaining(['close-4401', 'post-api-media', 'Limits']));
  const titles = new Set(entries.map(({ schema }) => schema?.title));
  expect(Object.keys(spec.schemas).filter((name) => !titles.has(name))).toEqual([]);
});

test('every command says who may ask, and what comes back', () => {
  const commands = entries.filter(({ isCommand }) => isCommand);
  expect(commands.every(({ result, text }) => result !== undefined && text !== '')).toBe(true);
  const visitors = commands.filter(({ forVisitors }) => forVisitors).map(({ id }) => id);
  expect(visitors).toContain('timeline.get');
  expect(visitors).not.toContain('post.create');
});

describe('types in few words', () => {
  test.each([
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 'string | null'],
    [{ type: 'array', items: { $ref: '#/components/schemas/Post' } }, '[Post]'],
    [{ enum: ['home', 'user'] }, '"home" | "user"'],
    [{ type: 'object', additionalProperties: { type: 'integer' } }, '{…: integer}'],
    [{}, 'anything'],
  ])('%j', (schema, type) => expect(typeOf(schema)).toBe(type));

  test('bounds and what is meant if left out', () => {
    expect(boundsOf({ minimum: 1, maximum: 100, default: 50 })).toBe('1 to 100. 50 if left out.');
  });
});

test('a search leaves what has all its words', () => {
  const ids = found(spec.parts, 'retweet  LIST').flatMap((part) => part.entries.map((e) => e.id));
  expect(ids).toContain('retweet.list');
  expect(ids).not.toContain('react.list');
  expect(found(spec.parts, 'no such word anywhere')).toEqual([]);
});

describe('a command to begin with', () => {
  const schemaOf = (id: string) => entries.find((one) => one.id === id)?.schema ?? {};
  const known = { post_id: '812', user_id: '7' };

  test('has what must be there, and offers the rest', () => {
    const schema = schemaOf('post.create');
    expect(sampleOf(schema, known, uuid)).toEqual({ type: 'post.create', key: uuid(), text: '' });
    expect(optionalOf(schema)).toEqual(['media', 'reply_to', 'quote_of']);
    expect(fillingOf('reply_to', {}, known, uuid)).toBe('812');
  });

  test.each([
    ['react.set', { type: 'react.set', post_id: '812', emoji: '🌊', on: true }],
    ['follow.set', { type: 'follow.set', user_id: '7', on: true }],
    ['watch.set', { type: 'watch.set', post_ids: [] }],
  ])('%s', (id, sample) => expect(sampleOf(schemaOf(id), known, uuid)).toEqual(sample));

  test('learns from what the server says', () => {
    const page = { type: 'ok', result: { entries: [{ kind: 'post', id: '9', deleted: false }] } };
    const first = learnt({}, page);
    expect(first.post_id).toBe('9');
    const tombstone = { noun: { kind: 'post', id: '10', deleted: true }, cursor: 'c' };
    expect(learnt(first, tombstone)).toEqual({ post_id: '9', cursor: 'c' });
  });
});
