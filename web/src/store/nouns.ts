/** Each noun once, by id: the newest `seq` (`v`) wins, equal ones apply again. Pure. */

import type {
  Author,
  Counts,
  Mine,
  Notice,
  Noun,
  Post,
  Relation,
  Retweet,
  User,
} from '../wire/protocol';
import type { About, Id, Nouns, Person, PostItem, RetweetItem } from './types';

export const NO_NOUNS: Nouns = {
  people: new Map(),
  names: new Map(),
  posts: new Map(),
  retweets: new Map(),
  passes: new Map(),
  counts: new Map(),
  mine: new Map(),
  relations: new Map(),
  notices: new Map(),
};

type Table = keyof Nouns;

/** Changes to the tables, made in one go: a table is copied at its first change only. */
export class Edit {
  #nouns: Nouns;
  readonly #copied = new Set<Table>();

  constructor(nouns: Nouns) {
    this.#nouns = nouns;
  }

  get nouns(): Nouns {
    return this.#nouns;
  }

  #table<T extends Table>(name: T): Map<string, MapValue<Nouns[T]>> {
    if (!this.#copied.has(name)) {
      this.#copied.add(name);
      const copy = new Map(this.#nouns[name] as ReadonlyMap<string, unknown>);
      this.#nouns = { ...this.#nouns, [name]: copy };
    }
    return this.#nouns[name] as unknown as Map<string, MapValue<Nouns[T]>>;
  }

  /** Any noun of the wire; a kind that we do not know is ignored. */
  put(noun: Noun): void {
    switch (noun.kind) {
      case 'user':
        this.user(noun);
        break;
      case 'post':
        this.post(noun);
        break;
      case 'retweet':
        this.retweet(noun);
        break;
      case 'counts':
        this.counts(noun);
        break;
      case 'mine':
        this.mine(noun);
        break;
      case 'relation':
        this.relation(noun);
        break;
      case 'notice':
        this.notice(noun);
        break;
    }
  }

  user(user: User): void {
    const known = this.#nouns.people.get(user.id);
    if (known?.deleted && known.seq > user.seq) return;
    const about = newerAbout(known?.about ?? null, user);
    if (known !== undefined && known.seq > user.seq) {
      // The line that posts carry is newer than this profile; its long part may still be news.
      if (about !== known.about) this.#table('people').set(user.id, { ...known, about });
      return;
    }
    const { id, seq, name, display_name, avatar, deleted } = user;
    this.#table('people').set(id, { id, seq, name, display_name, avatar, deleted, about });
    if (name !== '') this.#table('names').set(name, id);
    if (deleted && !known?.deleted) this.#bury(id);
  }

  author(author: Author): void {
    // The tombstones of an account that is gone name nobody.
    if (author.name === '') return;
    const known = this.#nouns.people.get(author.id);
    if (known !== undefined && (known.seq > author.seq || known.deleted)) return;
    if (known !== undefined && known.seq === author.seq && isSamePerson(known, author)) return;
    const { id, seq, name, display_name, avatar } = author;
    const about = known?.about ?? null;
    const person: Person = { id, seq, name, display_name, avatar, deleted: false, about };
    this.#table('people').set(id, person);
    if (known?.name !== name) this.#table('names').set(name, id);
  }

  /** `nested`: it came as someone's quoted post, which says nothing of what it quotes itself. */
  post(post: Post, nested = false): void {
    this.author(post.author);
    if (post.parent !== undefined) this.author(post.parent.author);
    if (post.quoted !== undefined) this.post(post.quoted, true);
    if (post.counts !== undefined) this.counts(post.counts);
    if (post.mine !== undefined) this.mine(post.mine);
    const known = this.#nouns.posts.get(post.id);
    if (known !== undefined && known.seq > post.seq) return;
    const isGone = post.deleted || this.#nouns.people.get(post.author.id)?.deleted === true;
    this.#table('posts').set(post.id, isGone ? tombstone(post, known) : item(post, known, nested));
  }

  retweet(retweet: Retweet): void {
    this.author(retweet.user);
    this.post(retweet.post);
    for (const author of retweet.also ?? []) this.author(author);
    const known = this.#nouns.retweets.get(retweet.id);
    if (known !== undefined && known.seq > retweet.seq) return;
    const { id, seq } = retweet;
    const user_id = retweet.user.id || (known?.user_id ?? '');
    const deleted = retweet.deleted || this.#nouns.people.get(user_id)?.deleted === true;
    const post_id = retweet.post.id;
    this.#table('retweets').set(id, { id, seq, user_id, post_id, deleted });
    this.#pass(user_id, post_id, id, seq);
  }

  counts(counts: Counts): void {
    const known = this.#nouns.counts.get(counts.post_id);
    if (known === undefined || known.v <= counts.v)
      this.#table('counts').set(counts.post_id, counts);
  }

  mine(mine: Mine): void {
    const known = this.#nouns.mine.get(mine.post_id);
    if (known === undefined || known.v <= mine.v) this.#table('mine').set(mine.post_id, mine);
  }

  relation(relation: Relation): void {
    const known = this.#nouns.relations.get(relation.user_id);
    if (known !== undefined && known.seq > relation.seq) return;
    this.#table('relations').set(relation.user_id, relation);
  }

  notice(notice: Notice): void {
    for (const author of notice.users) this.author(author);
    const known = this.#nouns.notices.get(notice.id);
    if (known === undefined || known.seq <= notice.seq)
      this.#table('notices').set(notice.id, notice);
  }

  /** After a gap nobody told us whom we stopped to follow: what is here of that is no longer known. */
  forgetRelations(): void {
    this.#nouns = { ...this.#nouns, relations: new Map() };
    this.#copied.add('relations');
  }

  /** Of one person's retweets of one post at most one lives: the newest is what they think now. */
  #pass(userId: Id, postId: Id, retweetId: Id, seq: number): void {
    const key = `${userId}/${postId}`;
    const known = this.#nouns.passes.get(key);
    const before = known === undefined ? undefined : this.#nouns.retweets.get(known);
    if (before === undefined || before.seq <= seq) this.#table('passes').set(key, retweetId);
  }

  /** An account is gone: all of theirs that is here. */
  #bury(userId: Id): void {
    for (const post of this.#nouns.posts.values()) {
      if (post.author_id === userId && !post.deleted) {
        const gone = { ...post, text: '', media: [], quoted_id: null, deleted: true };
        this.#table('posts').set(post.id, gone);
      }
    }
    for (const retweet of this.#nouns.retweets.values()) {
      if (retweet.user_id === userId && !retweet.deleted) {
        this.#table('retweets').set(retweet.id, { ...retweet, deleted: true });
      }
    }
  }
}

type MapValue<M> = M extends ReadonlyMap<string, infer V> ? V : never;

/** Apply nouns in the order in which they came; the same tables when there is none. */
export function put(nouns: Nouns, ...news: readonly Noun[]): Nouns {
  const edit = new Edit(nouns);
  for (const noun of news) edit.put(noun);
  return edit.nouns;
}

/** Whether I block or mute this person. */
export function isHidden(userId: Id | null | undefined, { relations }: Nouns): boolean {
  const relation = userId == null ? undefined : relations.get(userId);
  return relation?.blocking === true || relation?.muting === true;
}

function newerAbout(known: About | null, user: User): About | null {
  if (known !== null && known.seq > user.seq) return known;
  const { seq, bio, followers, following, posts, created_at } = user;
  return { seq, bio, followers, following, posts, created_at };
}

function isSamePerson(known: Person, author: Author): boolean {
  return (
    known.name === author.name &&
    known.display_name === author.display_name &&
    known.avatar?.id === author.avatar?.id
  );
}

function item(post: Post, known: PostItem | undefined, nested: boolean): PostItem {
  const whole = nested && known?.seq === post.seq ? known : undefined;
  const next: PostItem = {
    id: post.id,
    seq: post.seq,
    author_id: post.author.id,
    text: post.text,
    media: post.media,
    reply_to: post.reply_to,
    parent_author_id: post.parent?.author.id ?? whole?.parent_author_id ?? null,
    quote_of: post.quote_of,
    quoted_id: post.quoted?.id ?? whole?.quoted_id ?? null,
    created_at: post.created_at,
    deleted: false,
  };
  // The same post again, as pages bring it: keep the object, so that nothing is drawn again.
  return known !== undefined && isSamePost(known, next) ? known : next;
}

function isSamePost(a: PostItem, b: PostItem): boolean {
  return (
    a.seq === b.seq &&
    a.deleted === b.deleted &&
    a.text === b.text &&
    a.quoted_id === b.quoted_id &&
    a.parent_author_id === b.parent_author_id &&
    a.media.length === b.media.length
  );
}

function tombstone(post: Post, known: PostItem | undefined): PostItem {
  return {
    id: post.id,
    seq: post.seq,
    author_id: post.author.name === '' ? (known?.author_id ?? '') : post.author.id,
    text: '',
    media: [],
    reply_to: post.reply_to ?? known?.reply_to ?? null,
    parent_author_id: null,
    quote_of: post.quote_of,
    quoted_id: null,
    created_at: post.created_at,
    deleted: true,
  };
}

/** Drop what no list, thread or draft shows any more; tombstones stay, they guard against late pages. */
export function sweep(nouns: Nouns, shown: ReadonlySet<Id>): Nouns {
  const posts = new Map<Id, PostItem>();
  const add = (id: Id | null) => {
    const post = id === null ? undefined : nouns.posts.get(id);
    if (post !== undefined) posts.set(post.id, post);
    return post;
  };
  for (const id of shown) add(add(id)?.quoted_id ?? null);
  for (const post of nouns.posts.values()) if (post.deleted) posts.set(post.id, bare(post));
  const retweets = keep(nouns.retweets, (r: RetweetItem) => r.deleted || shown.has(r.post_id));
  return {
    ...nouns,
    posts,
    retweets,
    passes: keep(nouns.passes, (id: Id) => retweets.has(id)),
    counts: keep(nouns.counts, (c: Counts) => posts.has(c.post_id)),
    mine: keep(nouns.mine, (m: Mine) => posts.has(m.post_id)),
  };
}

function bare(post: PostItem): PostItem {
  return post.text === '' && post.media.length === 0 ? post : { ...post, text: '', media: [] };
}

function keep<V>(table: ReadonlyMap<string, V>, isKept: (value: V) => boolean): Map<string, V> {
  return new Map([...table].filter(([, value]) => isKept(value)));
}
