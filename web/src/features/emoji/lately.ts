/** The emoji one used last, on this device. */

const STORED = 'realtime.emoji';
const KEPT = 16;
const AT_FIRST = ['😂', '❤️', '🔥', '👏', '🌊', '🫠', '🎉', '👀'];

export function lately(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]');
    const own = Array.isArray(stored) ? stored.filter((each) => typeof each === 'string') : [];
    return [...new Set([...own, ...AT_FIRST])].slice(0, KEPT);
  } catch {
    return AT_FIRST;
  }
}

export function used(emoji: string): void {
  localStorage.setItem(
    STORED,
    JSON.stringify([emoji, ...lately().filter((e) => e !== emoji)].slice(0, KEPT)),
  );
}
