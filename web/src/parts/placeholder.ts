/** What stands in the place of a picture until it has arrived. */

import { thumbHashToDataURL } from 'thumbhash';

const KEPT = 300;
const known = new Map<string, string>();

/** A CSS image of a few colours; undefined for a hash that cannot be read. */
export function placeholder(hash: string): string | undefined {
  if (!hash) return undefined;
  const found = known.get(hash);
  if (found !== undefined) return found || undefined;
  let image = '';
  try {
    const bytes = Uint8Array.from(atob(hash), (letter) => letter.charCodeAt(0));
    image = `url("${thumbHashToDataURL(bytes)}")`;
  } catch {
    // A picture without a placeholder is still a picture.
  }
  if (known.size >= KEPT) known.delete(known.keys().next().value ?? '');
  known.set(hash, image);
  return image || undefined;
}
