/** The order of a post's chips: as first seen, new ones last, for as long as the page lives. */

const KEPT_POSTS = 500;
const seen = new Map<string, string[]>();

/** `held`: also those that have fallen to nought. */
export function ordered(
  postId: string,
  reactions: Readonly<Record<string, number>>,
  mine: readonly string[],
  held: boolean,
): string[] {
  const there = (emoji: string) => (reactions[emoji] ?? 0) > 0 || mine.includes(emoji);
  const before = seen.get(postId) ?? [];
  const fresh = Object.keys(reactions).filter((emoji) => !before.includes(emoji) && there(emoji));
  const kept = held ? before : before.filter(there);
  const order = fresh.length === 0 && kept.length === before.length ? before : [...kept, ...fresh];
  seen.delete(postId);
  seen.set(postId, order);
  if (seen.size > KEPT_POSTS) seen.delete(seen.keys().next().value ?? '');
  return order;
}
