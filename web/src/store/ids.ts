/** Ids are decimal digits of up to 64 bits, too large for a number: larger is newer. */

/** Negative when `a` is older than `b`. */
export function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** For sorting with the newest first. */
export function newestFirst(a: { readonly id: string }, b: { readonly id: string }): number {
  return compareIds(b.id, a.id);
}

export function isNewer(a: string, b: string): boolean {
  return compareIds(a, b) > 0;
}
