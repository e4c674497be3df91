/** A small server of the imagination: the truth, the pages it would give, the events it would tell. */

import type { Author, Post, Retweet, Entry as Wire } from '../../wire/protocol';
import type { Heard } from '../apply';
import { author, gone, post, relation, retweet } from './nouns';

/** The same numbers for the same seed. */
export function dice(seed: number): (sides: number) => number {
  let state = seed >>> 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % sides;
  };
}

export const ME = '1';
export const PEOPLE = ['1', '2', '3', '4'];

interface Carrier {
  readonly id: number;
  readonly user: string;
  readonly post: Post;
  readonly retweet: Retweet | null;
}

export class World {
  readonly #roll: (sides: number) => number;
  #seq = 100;
  readonly posts = new Map<string, Post>();
  readonly retweets = new Map<string, Retweet>();
  readonly followed = new Set(PEOPLE.filter((id) => id !== ME));

  constructor(roll: (sides: number) => number) {
    this.#roll = roll;
  }

  /** Something happens; what is told of it to me, if anything. */
  happen(): Heard[] {
    const deed = this.#roll(10);
    if (deed < 4) return this.#write();
    if (deed < 7) return this.#retweet();
    if (deed < 8) return this.#undo();
    return this.#delete();
  }

  #write(): Heard[] {
    const by = this.#someone();
    const id = String(this.#next());
    const one = post(id, by);
    this.posts.set(id, one);
    return this.#told(by, one);
  }

  #retweet(): Heard[] {
    const by = this.#someone();
    const of = this.#one([...this.posts.values()].filter((p) => !p.deleted));
    if (of === undefined || this.#passed(by, of.id)) return [];
    const id = String(this.#next());
    const one = retweet(id, by, of);
    this.retweets.set(id, one);
    return this.#told(by, one);
  }

  #undo(): Heard[] {
    const live = [...this.retweets.values()].filter((r) => !r.deleted);
    const one = this.#one(live);
    if (one === undefined) return [];
    const off = { ...one, seq: this.#next(), deleted: true };
    this.retweets.set(one.id, off);
    return this.#told(one.user.id, off);
  }

  #delete(): Heard[] {
    const one = this.#one([...this.posts.values()].filter((p) => !p.deleted));
    if (one === undefined) return [];
    const dead = gone(one, this.#next());
    this.posts.set(one.id, dead);
    // Who shows it watches it, and so hears of its end whoever wrote it.
    return [{ topic: `post:${one.id}`, noun: dead }];
  }

  /** Follow or unfollow; the relation is told. */
  toggle(user: string): Heard {
    const following = !this.followed.has(user);
    if (following) this.followed.add(user);
    else this.followed.delete(user);
    return { topic: `me:${ME}`, noun: relation(user, this.#next(), { following }) };
  }

  /** A page of home, or of one person's timeline, as it is now. */
  page(before: string | null, size: number, of?: string): { entries: Wire[]; next?: string } {
    const end = before === null ? Number.POSITIVE_INFINITY : Number(before);
    const carriers = this.#carriers(of).filter(({ id }) => id < end);
    const rows = new Map<string, Carrier[]>();
    let last: number | null = null;
    for (const carrier of carriers) {
      const row = rows.get(carrier.post.id);
      if (row === undefined && rows.size === size) break;
      rows.set(carrier.post.id, [...(row ?? []), carrier]);
      last = carrier.id;
    }
    const entries = [...rows.values()].map(entry);
    const isMore = last !== null && carriers.some(({ id }) => id < (last ?? 0));
    return isMore ? { entries, next: String(last) } : { entries };
  }

  #carriers(of?: string): Carrier[] {
    const isIn = (user: string) =>
      of === undefined ? user === ME || this.followed.has(user) : user === of;
    const carriers: Carrier[] = [];
    for (const one of this.posts.values()) {
      const { id, author: by, deleted } = one;
      if (!deleted && isIn(by.id)) {
        carriers.push({ id: Number(id), user: by.id, post: one, retweet: null });
      }
    }
    for (const one of this.retweets.values()) {
      const now = this.posts.get(one.post.id) ?? one.post;
      if (!one.deleted && !now.deleted && isIn(one.user.id)) {
        carriers.push({ id: Number(one.id), user: one.user.id, post: now, retweet: one });
      }
    }
    return carriers.sort((a, b) => b.id - a.id);
  }

  #told(by: string, noun: Post | Retweet): Heard[] {
    return by === ME || this.followed.has(by) ? [{ topic: `author:${by}`, noun }] : [];
  }

  #passed(by: string, postId: string): boolean {
    return [...this.retweets.values()].some(
      (r) => !r.deleted && r.user.id === by && r.post.id === postId,
    );
  }

  #next(): number {
    this.#seq += 1;
    return this.#seq;
  }

  #someone(): string {
    return PEOPLE[this.#roll(PEOPLE.length)] ?? ME;
  }

  #one<T>(list: readonly T[]): T | undefined {
    return list[this.#roll(Math.max(1, list.length))];
  }
}

function entry(carriers: readonly Carrier[]): Wire {
  const [first, ...rest] = carriers;
  if (first === undefined) throw new Error('A row has a carrier.');
  if (first.retweet === null) return structuredClone(first.post);
  const also: Author[] = rest.filter((c) => c.retweet !== null).map((c) => author(c.user));
  const page = { also: also.slice(0, 3), also_count: Math.max(0, also.length - 3) };
  return structuredClone({ ...first.retweet, post: first.post, ...page });
}
