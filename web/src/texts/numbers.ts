/** Numbers, dates and plurals as the reader's language writes them. */

let language = 'en';

const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.PluralRules>();

function kept<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.PluralRules>(
  key: string,
  make: () => T,
): T {
  const name = `${language} ${key}`;
  let found = cache.get(name) as T | undefined;
  if (!found) {
    found = make();
    cache.set(name, found);
  }
  return found;
}

/** 1204 → "1,204". */
export function number(n: number): string {
  return kept('number', () => new Intl.NumberFormat(language)).format(n);
}

/** 1240 → "1.2k"; exact below a thousand. */
export function short(n: number): string {
  if (n < 1000) return String(n);
  const format = kept(
    'short',
    () => new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }),
  );
  return format.format(n).replace('K', 'k');
}

/** The form of a word that goes with `n`. */
export function plural(n: number, one: string, other: string): string {
  const rules = kept('plural', () => new Intl.PluralRules(language));
  return rules.select(n) === 'one' ? one : other;
}

function date(key: string, options: Intl.DateTimeFormatOptions): (at: Date) => string {
  return (at) => kept(key, () => new Intl.DateTimeFormat(language, options)).format(at);
}

const clock = date('clock', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const weekday = date('weekday', { weekday: 'short' });
const dayAndMonth = date('day', { day: 'numeric', month: 'short' });
const dayMonthYear = date('year', { day: 'numeric', month: 'short', year: 'numeric' });
const monthAndYear = date('month', { month: 'long', year: 'numeric' });
const fullDay = date('full day', { day: 'numeric', month: 'long' });
const fullDayYear = date('full year', { day: 'numeric', month: 'long', year: 'numeric' });

export { clock, monthAndYear };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** When it was, as one would say it now: "now", "2 min", "21:04", "Tue", "14 Nov", "14 Nov 2024". */
export function ago(at: Date, now: number, said: { now: string; minutes: (n: number) => string }) {
  const past = now - at.getTime();
  if (past < MINUTE_MS) return said.now;
  if (past < HOUR_MS) return said.minutes(Math.floor(past / MINUTE_MS));
  const today = new Date(now);
  if (past < DAY_MS && at.getDate() === today.getDate()) return clock(at);
  if (past < 6 * DAY_MS) return weekday(at);
  if (at.getFullYear() === today.getFullYear()) return dayAndMonth(at);
  return dayMonthYear(at);
}

/** "21:04, 14 November"; with the year if it is another. */
export function exactly(at: Date, now: number): string {
  const same = at.getFullYear() === new Date(now).getFullYear();
  return `${clock(at)}, ${same ? fullDay(at) : fullDayYear(at)}`;
}

/** "A, B and C" in pieces: where each name stands, and what is between them. */
export function listed(names: readonly string[]): readonly { type: string; value: string }[] {
  return new Intl.ListFormat(language, { type: 'conjunction' }).formatToParts(names);
}

/** Say numbers and dates in this language from now on. */
export function speak(tag: string): void {
  language = tag;
}

/** What a catalogue needs that is loaded by itself. */
export const numbers = { number, short, plural };
export type Numbers = typeof numbers;
