/** How quickly things come: what this page can know of it, from the frames alone. */

import type { Frame, Noun } from './protocol';

/** So many deliveries are remembered. */
const KEPT = 200;

interface Delivery {
  /** By the server's clock, in ms. */
  readonly created: number;
  /** By this machine's clock, in ms. */
  readonly shown: number;
}

export interface Report {
  /** ms since; null: not yet. */
  readonly heartbeatAge: number | null;
  readonly cursorAge: number | null;
  readonly resumes: number;
  readonly gaps: number;
  /** How far this machine's clock is ahead of the server's, in ms; null: not known yet. */
  readonly ahead: number | null;
  /** Of deliveries, in ms, the quickest first. */
  readonly delays: readonly number[];
}

export class Speed {
  #beatAt: number | null = null;
  #cursorAt: number | null = null;
  #liveAt: number | null = null;
  #ahead: number | null = null;
  #resumes = 0;
  #gaps = 0;
  #wasLive = false;
  #deliveries: Delivery[] = [];

  /** A frame came. */
  heard(frame: Frame, now: number): void {
    if ('cursor' in frame && frame.cursor !== undefined) this.#cursorAt = now;
    if (frame.type === 'welcome') this.#welcomed(frame.resumed, now);
    if (frame.type !== 'heartbeat') return;
    this.#beatAt = now;
    const server = Date.parse(frame.now);
    // The quickest heartbeat is the truest: what it took itself can't be told from the clocks.
    if (Number.isFinite(server)) this.#ahead = Math.min(this.#ahead ?? Infinity, now - server);
  }

  /** This is on the screen with the frame that is drawn now. */
  shown(noun: Noun, now: number): void {
    if ((noun.kind !== 'post' && noun.kind !== 'retweet') || noun.deleted) return;
    const created = Date.parse(noun.created_at);
    if (!Number.isFinite(created)) return;
    this.#deliveries = [...this.#deliveries, { created, shown: now }].slice(-KEPT);
  }

  report(now: number): Report {
    const since = (at: number | null) => (at === null ? null : now - at);
    return {
      heartbeatAge: since(this.#beatAt),
      cursorAge: since(this.#cursorAt),
      resumes: this.#resumes,
      gaps: this.#gaps,
      ahead: this.#ahead,
      delays: this.#delays(),
    };
  }

  #welcomed(resumed: boolean, now: number): void {
    if (this.#wasLive) {
      if (resumed) this.#resumes += 1;
      else this.#gaps += 1;
    }
    this.#wasLive = true;
    this.#liveAt = now;
  }

  /** What was missed and came afterwards took as long as one was away: it says nothing of speed. */
  #delays(): number[] {
    const { length } = this.#deliveries;
    const ahead = this.#ahead;
    const from = this.#liveAt;
    if (ahead === null || from === null || length === 0) return [];
    return this.#deliveries
      .filter(({ created }) => created + ahead >= from)
      .map(({ created, shown }) => Math.max(0, shown - created - ahead))
      .sort((a, b) => a - b);
  }
}

/** The smallest that is not exceeded by this part of them; null: there are none. */
export function quantile(sorted: readonly number[], part: number): number | null {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? null;
}
