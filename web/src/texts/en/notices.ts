/** What is said of notices: who did what to oneself. */

import { number, plural } from '../numbers';

export const notices = {
  /** Before the number in the badge, for ears. */
  badge: 'unread: ',
  fresh: 'New',
  earlier: 'Earlier',
  loading: 'Loading notices',
  loadingMore: 'Loading older notices',
  emptyTitle: 'Nothing yet',
  empty: 'When someone reacts, replies, mentions you or follows you, it appears here by itself.',
  failedTitle: 'Your notices did not arrive',
  end: 'That is all there is.',
  others: (n: number) => plural(n, '1 other', `${number(n)} others`),
  /** Said together, however many came at once. */
  arrived: (n: number) => plural(n, '1 unread notice', `${number(n)} unread notices`),
  did: {
    reaction: (_: number, emoji: string) => `reacted ${emoji} to your post`,
    retweet: (_: number) => 'retweeted your post',
    reply: (_: number) => 'replied to you',
    mention: (_: number) => 'mentioned you',
    quote: (_: number) => 'quoted you',
    follow: (n: number) => plural(n, 'follows you', 'follow you'),
  },
};
