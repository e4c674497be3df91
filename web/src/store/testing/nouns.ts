/** Nouns as the server would send them, with only what a test cares about. */

import type { Author, Counts, Mine, Post, Relation, Retweet, User } from '../../wire/protocol';

const AT = '2026-01-01T00:00:00.000Z';

export function author(id: string, more: Partial<Author> = {}): Author {
  return { id, name: `n${id}`, display_name: `N ${id}`, avatar: null, seq: 1, ...more };
}

export function user(id: string, more: Partial<User> = {}): User {
  return {
    kind: 'user',
    id,
    seq: 1,
    name: `n${id}`,
    display_name: `N ${id}`,
    bio: '',
    avatar: null,
    followers: 0,
    following: 0,
    posts: 0,
    created_at: AT,
    deleted: false,
    ...more,
  };
}

export function post(id: string, by: string, more: Partial<Post> = {}): Post {
  return {
    kind: 'post',
    id,
    seq: Number(id),
    author: author(by),
    text: `post ${id}`,
    media: [],
    reply_to: null,
    quote_of: null,
    created_at: AT,
    deleted: false,
    ...more,
  };
}

/** The tombstone of a post, as the server words it. */
export function gone(one: Post, seq: number): Post {
  const { quoted: _, parent: __, ...rest } = one;
  return { ...rest, seq, text: '', media: [], deleted: true };
}

export function retweet(id: string, by: string, of: Post, more: Partial<Retweet> = {}): Retweet {
  return {
    kind: 'retweet',
    id,
    seq: Number(id),
    user: author(by),
    post: of,
    created_at: AT,
    deleted: false,
    ...more,
  };
}

export function counts(post_id: string, v: number, more: Partial<Counts> = {}): Counts {
  return { kind: 'counts', post_id, v, reactions: {}, retweets: 0, replies: 0, quotes: 0, ...more };
}

export function mine(post_id: string, v: number, more: Partial<Mine> = {}): Mine {
  return { kind: 'mine', post_id, v, reactions: [], retweeted: false, ...more };
}

export function relation(user_id: string, seq: number, more: Partial<Relation> = {}): Relation {
  return {
    kind: 'relation',
    user_id,
    seq,
    following: false,
    followed_by: false,
    blocking: false,
    muting: false,
    ...more,
  };
}
