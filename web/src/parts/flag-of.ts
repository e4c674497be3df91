/** The flag of a person: a pattern and two colours that only the id decides, the same on every screen. */

export const PATTERNS = [
  'quarters',
  'stripes',
  'halves',
  'disc',
  'diagonal',
  'cross',
  'frame',
  'pennant',
] as const;

type Colour = 'chalk' | 'ink' | 'brick' | 'lamp' | 'sea' | 'moss' | 'plum';

/** Only pairs that can be told apart by lightness alone. */
export const PAIRS: readonly (readonly [Colour, Colour])[] = [
  ['ink', 'lamp'],
  ['sea', 'chalk'],
  ['moss', 'chalk'],
  ['plum', 'chalk'],
  ['brick', 'chalk'],
  ['sea', 'lamp'],
  ['chalk', 'brick'],
  ['ink', 'chalk'],
  ['plum', 'lamp'],
  ['brick', 'lamp'],
  ['chalk', 'sea'],
  ['ink', 'moss'],
  ['lamp', 'ink'],
  ['moss', 'lamp'],
  ['chalk', 'plum'],
  ['lamp', 'sea'],
  ['chalk', 'moss'],
  ['moss', 'ink'],
  ['lamp', 'plum'],
  ['brick', 'ink'],
  ['chalk', 'ink'],
];

export interface Pattern {
  pattern: (typeof PATTERNS)[number];
  a: string;
  b: string;
}

/** FNV-1a, then stirred: ids that follow each other must not look alike. */
function hash(id: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) h = Math.imul(h ^ id.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export function flagOf(id: string): Pattern {
  const h = hash(id);
  const pattern = PATTERNS[h % PATTERNS.length] ?? 'disc';
  const pair = PAIRS[Math.floor(h / PATTERNS.length) % PAIRS.length] ?? ['sea', 'chalk'];
  return { pattern, a: `var(--flag-${pair[0]})`, b: `var(--flag-${pair[1]})` };
}
