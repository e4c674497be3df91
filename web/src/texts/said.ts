/** Why something was refused, in the reader's language. */

import { texts } from './texts';

type Codes = typeof texts.refused.codes;

/** `message` is the server's own sentence, in English; empty: it said none. */
export function said(code: string, field: string | undefined, message: string): string {
  const { codes, exact, isServers } = texts.refused;
  const known = field === undefined ? undefined : exact[`${code} ${field}`];
  if (known !== undefined) return known;
  const ours = code in codes ? codes[code as keyof Codes] : texts.refused.generic;
  return isServers && message !== '' ? message : ours;
}
