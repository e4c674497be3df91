/** Why something was not done; the same for the socket and for HTTP. */

import { said } from '../texts/said';
import type { Failure } from './protocol';

/**
 * What the server may answer (`invalid`, `rate_limited`, …) and three of our own:
 * `offline` (nothing reached the server), `ended` (nobody is signed in any more) and
 * `cancelled` (given up here, by us).
 */
export type RefusalCode =
  | 'invalid'
  | 'unknown_type'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_long'
  | 'too_many'
  | 'rate_limited'
  | 'unavailable'
  | 'internal'
  | 'offline'
  | 'ended'
  | 'cancelled';

const CODES: ReadonlySet<string> = new Set<RefusalCode>([
  'invalid',
  'unknown_type',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'too_long',
  'too_many',
  'rate_limited',
  'unavailable',
  'internal',
  'offline',
  'ended',
  'cancelled',
]);

/** One command is not done; `message` is in the reader's language, `retry_after` in seconds. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly field: string | undefined;
  readonly retry_after: number | undefined;

  constructor(code: string, message?: string, field?: string, retryAfter?: number) {
    const known = CODES.has(code) ? (code as RefusalCode) : 'internal';
    super(said(known, field, message ?? ''));
    this.name = 'Refusal';
    this.code = known;
    this.field = field;
    this.retry_after = retryAfter;
  }

  /** From an `error` frame or an HTTP body. A code that we do not know counts as `internal`. */
  static from(failure: Failure): Refusal {
    return new Refusal(failure.code, failure.message, failure.field, failure.retry_after);
  }
}

/** Whatever was thrown, as a refusal that can be shown; a bug of ours shows as `internal`. */
export function asRefusal(thrown: unknown): Refusal {
  return thrown instanceof Refusal ? thrown : new Refusal('internal');
}
