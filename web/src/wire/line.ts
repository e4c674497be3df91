/** The session's rules without any I/O: what happens, and what is to be done then. */

import type { Commands, Frame, Noun, Welcome } from './protocol';
import { Refusal, type RefusalCode } from './refusal';

/** A command that waits for its answer. */
export interface Waiting {
  readonly id: number;
  readonly type: keyof Commands;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Asked again on the next socket; else the loss of the socket refuses it. */
  readonly again: boolean;
  /** The `ref` under which it was sent on this socket; null: not sent. */
  readonly ref: number | null;
  readonly refusals: number;
  /** Not before this time, in ms. */
  readonly notBefore: number;
  /** Before all that was asked earlier. */
  readonly ahead?: boolean;
}

export type Phase =
  /** Not started, or stopped by the page. */
  | 'idle'
  /** A socket is being opened, or waits for its welcome. */
  | 'connecting'
  | 'live'
  /** Lost; comes back at `retryAt`, or when the page is seen again. */
  | 'off'
  /** Stays away: the protocol was broken (4400). */
  | 'stopped'
  /** Stays away: nobody is signed in any more (4401). */
  | 'ended';

export interface Line {
  readonly phase: Phase;
  /** Where my view is complete; null: no view. */
  readonly cursor: string | null;
  readonly nextRef: number;
  /** `ref` of the `hello` that is unanswered on this socket. */
  readonly helloRef: number | null;
  readonly waiting: readonly Waiting[];
  /** How often in a row the way back has failed. */
  readonly failures: number;
  readonly liveSince: number;
  readonly lastFrame: number;
  readonly retryAt: number | null;
  readonly reason: string;
  readonly wasLive: boolean;
  readonly hidden: boolean;
}

export const START: Line = {
  phase: 'idle',
  cursor: null,
  nextRef: 1,
  helloRef: null,
  waiting: [],
  failures: 0,
  liveSince: 0,
  lastFrame: 0,
  retryAt: null,
  reason: '',
  wasLive: false,
  hidden: false,
};

export type Input =
  /** With the cursor of a view that was kept from an earlier page. */
  | { readonly what: 'start'; readonly cursor: string | null }
  | { readonly what: 'stop' }
  /** Like a first visit, with another account or none. */
  | { readonly what: 'renew' }
  | { readonly what: 'opened' }
  | { readonly what: 'frame'; readonly frame: Frame }
  /** Something that is no frame of ours came: a sign of life, nothing more. */
  | { readonly what: 'noise' }
  | { readonly what: 'closed'; readonly code: number }
  | { readonly what: 'alarm' }
  /** The page is seen again, the network is back, or the reader asks: come back at once. */
  | { readonly what: 'wake' }
  | { readonly what: 'hidden'; readonly hidden: boolean }
  | { readonly what: 'send'; readonly command: Omit<Waiting, 'ref' | 'refusals' | 'notBefore'> }
  | { readonly what: 'cancel'; readonly id: number }
  /** Whoever asked these is not who is signed in now. */
  | { readonly what: 'forget' }
  | { readonly what: 'flush' };

export type Effect =
  | { readonly do: 'open' }
  | { readonly do: 'write'; readonly frame: Readonly<Record<string, unknown>> }
  /** Let go of the socket; nothing more is heard from it. */
  | { readonly do: 'drop' }
  | { readonly do: 'answer'; readonly id: number; readonly result: unknown }
  | { readonly do: 'refuse'; readonly id: number; readonly refusal: Refusal }
  | { readonly do: 'event'; readonly topic: string; readonly noun: Noun }
  /** `gap`: there was a view, and what came meanwhile is not told. */
  | { readonly do: 'welcome'; readonly welcome: Welcome; readonly gap: boolean }
  /** Write what waits; a step of its own, so that the owner of `welcome` may forget it first. */
  | { readonly do: 'flush' };

/** When it is, and what chance says (0 to 1). */
export interface Now {
  readonly ms: number;
  readonly chance: number;
}

export const SILENCE_MS = 45_000;
/** After a sleep or a change of network a socket this silent has most likely died. */
export const DOUBT_MS = 25_000;
export const GREET_MS = 15_000;
export const FIRST_RETRY_MS = 500;
export const LAST_RETRY_MS = 30_000;
/** A socket that lived this long was a good one: the next way back starts quick again. */
export const GOOD_MS = 10_000;
/** The server keeps 32 waiting commands of a socket. */
export const IN_FLIGHT = 24;
/** So often is a command that is merely early or unlucky asked again. */
export const ASKED_AGAIN = 4;

type Step = readonly [Line, readonly Effect[]];

export function step(line: Line, input: Input, now: Now): Step {
  switch (input.what) {
    case 'start':
      return line.phase === 'idle' ? open({ ...line, cursor: input.cursor }, now) : [line, []];
    case 'stop':
      return giveUp({ ...line, phase: 'idle' }, 'cancelled', '');
    case 'renew':
      return renew(line, now);
    case 'opened':
      return greet({ ...line, lastFrame: now.ms });
    case 'noise':
      return [{ ...line, lastFrame: now.ms }, []];
    case 'frame':
      return heard({ ...line, lastFrame: now.ms }, input.frame, now);
    case 'closed':
      return lost(line, input.code, now);
    case 'alarm':
      return alarm(line, now);
    case 'wake':
      return wake(line, now);
    case 'hidden':
      return [{ ...line, hidden: input.hidden }, []];
    case 'send':
      return send(line, input.command, now);
    case 'cancel':
      return [{ ...line, waiting: line.waiting.filter((w) => w.id !== input.id) }, []];
    case 'forget':
      return [{ ...line, waiting: [] }, refusals(line, 'cancelled', '')];
    case 'flush':
      return flush(line, now);
  }
}

/** When `alarm` is due, in ms; null: nothing to wait for. */
export function due(line: Line): number | null {
  switch (line.phase) {
    case 'connecting':
      return line.lastFrame + GREET_MS;
    case 'live': {
      const held = line.waiting.filter((w) => w.ref === null && w.notBefore > 0);
      return Math.min(line.lastFrame + SILENCE_MS, ...held.map((w) => w.notBefore));
    }
    case 'off':
      return line.hidden ? null : line.retryAt;
    default:
      return null;
  }
}

function open(line: Line, now: Now): Step {
  const next: Line = {
    ...line,
    phase: 'connecting',
    helloRef: null,
    retryAt: null,
    lastFrame: now.ms,
    waiting: line.waiting.map((w) => ({ ...w, ref: null })),
  };
  return [next, [{ do: 'open' }]];
}

/** Say hello: with the cursor iff there is a view that it belongs to. */
function greet(line: Line): Step {
  const ref = line.nextRef;
  const cursor = line.cursor === null ? {} : { cursor: line.cursor };
  const frame = { type: 'hello', ref, ...cursor, client: 'realtime-web/1' };
  return [{ ...line, nextRef: ref + 1, helloRef: ref }, [{ do: 'write', frame }]];
}

function heard(line: Line, frame: Frame, now: Now): Step {
  switch (frame.type) {
    case 'welcome':
      return welcome(line, frame, now);
    case 'ok':
      return answered(line, frame.ref, now, (id) => ({ do: 'answer', id, result: frame.result }));
    case 'error':
      return refused(line, frame.ref, Refusal.from(frame), now);
    case 'event':
      return [line, [{ do: 'event', topic: frame.topic, noun: frame.noun }]];
    case 'heartbeat':
      return [{ ...line, cursor: frame.cursor }, []];
    case 'behind':
      return greet({ ...line, cursor: frame.cursor });
    case 'goodbye': {
      const kept = { ...line, cursor: frame.cursor ?? line.cursor };
      const [next, effects] = lost(kept, frame.code, now, frame.retry_after, frame.reason);
      return [next, [{ do: 'drop' }, ...effects]];
    }
    default:
      return [line, []];
  }
}

function welcome(line: Line, frame: Welcome, now: Now): Step {
  if (frame.ref !== line.helloRef) return [line, []];
  const gap = line.cursor !== null && !frame.resumed;
  const live: Line = {
    ...line,
    phase: 'live',
    cursor: frame.cursor,
    helloRef: null,
    liveSince: line.phase === 'live' ? line.liveSince : now.ms,
    reason: '',
    wasLive: true,
  };
  return [live, [{ do: 'welcome', welcome: frame, gap }, { do: 'flush' }]];
}

function send(
  line: Line,
  command: Omit<Waiting, 'ref' | 'refusals' | 'notBefore'>,
  now: Now,
): Step {
  if (line.phase === 'ended' || line.phase === 'stopped') {
    const code = line.phase === 'ended' ? 'ended' : 'offline';
    return [line, [{ do: 'refuse', id: command.id, refusal: new Refusal(code, line.reason) }]];
  }
  const one: Waiting = { ...command, ref: null, refusals: 0, notBefore: 0 };
  const waiting = command.ahead ? [one, ...line.waiting] : [...line.waiting, one];
  return flush({ ...line, waiting }, now);
}

/** Write what may be written now, in the order in which it was asked. */
function flush(line: Line, now: Now): Step {
  if (line.phase !== 'live') return [line, []];
  const effects: Effect[] = [];
  let { nextRef } = line;
  let free = IN_FLIGHT - line.waiting.filter((w) => w.ref !== null).length;
  const waiting = line.waiting.map((one) => {
    if (one.ref !== null || free <= 0 || one.notBefore > now.ms) return one;
    const ref = nextRef;
    nextRef += 1;
    free -= 1;
    effects.push({ do: 'write', frame: { type: one.type, ref, ...one.fields } });
    return { ...one, ref };
  });
  return [{ ...line, nextRef, waiting }, effects];
}

function answered(line: Line, ref: number, now: Now, effect: (id: number) => Effect): Step {
  const one = line.waiting.find((w) => w.ref === ref);
  if (one === undefined) return [line, []];
  const waiting = line.waiting.filter((w) => w !== one);
  const [next, writes] = flush({ ...line, waiting }, now);
  return [next, [effect(one.id), ...writes]];
}

function refused(line: Line, ref: number | null, refusal: Refusal, now: Now): Step {
  if (ref !== null && ref === line.helloRef) {
    return helloRefused({ ...line, helloRef: null, reason: refusal.message }, refusal, now);
  }
  const one = line.waiting.find((w) => w.ref === ref);
  if (ref === null || one === undefined) return [line, []];
  if (!isAskedAgain(one, refusal)) {
    return answered(line, ref, now, (id) => ({ do: 'refuse', id, refusal }));
  }
  const wait = Math.min(LAST_RETRY_MS, (refusal.retry_after ?? 1) * 1000 * (1 + now.chance / 4));
  const held: Waiting = {
    ...one,
    ref: null,
    refusals: one.refusals + 1,
    notBefore: now.ms + wait,
  };
  return flush({ ...line, waiting: line.waiting.map((w) => (w === one ? held : w)) }, now);
}

/** A goodbye follows and says what to do, but 4400 would also stand for a database that is down. */
function helloRefused(line: Line, { code, retry_after }: Refusal, now: Now): Step {
  if (code !== 'unavailable' && code !== 'rate_limited' && code !== 'internal') return [line, []];
  const [next, effects] = lost(line, 4429, now, retry_after);
  return [next, [{ do: 'drop' }, ...effects]];
}

/** Reads and verbs that set are asked again by themselves; of a post the writer is told. */
function isAskedAgain(one: Waiting, { code }: Refusal): boolean {
  if (code !== 'rate_limited' && code !== 'unavailable') return false;
  return one.type !== 'post.create' && one.refusals < ASKED_AGAIN;
}

function lost(line: Line, code: number, now: Now, retryAfter?: number, words = ''): Step {
  if (line.phase !== 'connecting' && line.phase !== 'live') return [line, []];
  const reason = line.reason || words;
  switch (code) {
    case 4400:
      return giveUp({ ...line, phase: 'stopped', cursor: null }, 'offline', reason);
    case 4401:
      return giveUp({ ...line, phase: 'ended', cursor: null }, 'ended', reason);
    default:
      return comeBack(line, code, now, retryAfter, reason);
  }
}

function comeBack(
  line: Line,
  code: number,
  now: Now,
  retryAfter: number | undefined,
  reason: string,
): Step {
  const wasGood = line.phase === 'live' && now.ms - line.liveSince >= GOOD_MS;
  const failures = wasGood ? 0 : line.failures;
  const backoff = now.chance * Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
  const isTold = (code === 4000 || code === 4429) && retryAfter !== undefined;
  const wait = isTold ? retryAfter * 1000 : backoff;
  const next: Line = {
    ...line,
    phase: 'off',
    helloRef: null,
    failures: Math.min(failures + 1, 16),
    retryAt: now.ms + wait,
    reason: code === 4429 ? reason : '',
    waiting: line.waiting.filter((w) => w.again).map((w) => ({ ...w, ref: null })),
  };
  const refusal = new Refusal('offline');
  const once = line.waiting.filter((w) => !w.again);
  return [next, once.map(({ id }): Effect => ({ do: 'refuse', id, refusal }))];
}

function giveUp(line: Line, code: RefusalCode, reason: string): Step {
  const effects: Effect[] = [{ do: 'drop' }, ...refusals(line, code, reason)];
  return [{ ...line, helloRef: null, retryAt: null, waiting: [], reason }, effects];
}

function refusals({ waiting }: Line, code: RefusalCode, reason: string): Effect[] {
  const refusal = new Refusal(code, reason);
  return waiting.map(({ id }) => ({ do: 'refuse', id, refusal }));
}

function renew(line: Line, now: Now): Step {
  const [gone, effects] = giveUp({ ...line, phase: 'idle' }, 'cancelled', '');
  const fresh: Line = { ...START, nextRef: gone.nextRef, hidden: gone.hidden };
  const [next, more] = open(fresh, now);
  return [next, [...effects, ...more]];
}

function alarm(line: Line, now: Now): Step {
  const at = due(line);
  if (at === null || at > now.ms) return [line, []];
  switch (line.phase) {
    case 'off':
      return open(line, now);
    case 'connecting':
      return hangUp(line, now);
    case 'live':
      return now.ms - line.lastFrame >= SILENCE_MS ? hangUp(line, now) : flush(line, now);
    default:
      return [line, []];
  }
}

/** No sign of life: the socket is dead, whatever the browser says. */
function hangUp(line: Line, now: Now): Step {
  const [next, effects] = lost(line, 1006, now);
  return [next, [{ do: 'drop' }, ...effects]];
}

function wake(line: Line, now: Now): Step {
  if (line.phase === 'off') return open({ ...line, failures: 0 }, now);
  if (line.phase === 'live' && now.ms - line.lastFrame >= DOUBT_MS) {
    const [next, effects] = hangUp(line, now);
    const [again, more] = open(next, now);
    return [again, [...effects, ...more]];
  }
  return [line, []];
}
