/** Every sentence that the product says, in English. Short, plain, warm: what happened, what comes next. */

import { hiding } from './en/hiding';
import { keys } from './en/keys';
import { notices } from './en/notices';
import { people } from './en/people';
import { refused } from './en/refused';
import { search } from './en/search';
import { speed } from './en/speed';
import { writing } from './en/writing';
import { number, plural, short } from './numbers';

const seconds = (s: number) => `${Math.max(1, Math.ceil(s))} s`;

export const en = {
  name: 'realtime',
  close: 'Close',
  cancel: 'Cancel',
  back: 'Back',
  tryAgain: 'Try again',
  more: 'Show more',
  you: 'you',
  loading: 'Loading',

  ...writing,
  ...people,
  refused,
  keys,
  search,
  speed,
  hiding,
  notices,

  nav: {
    main: 'Main',
    below: 'Main, below',
    beside: 'Beside the timeline',
    skip: 'To the posts',
    home: 'Home',
    explore: 'Explore',
    notices: 'Notices',
    you: 'You',
    settings: 'Settings',
    write: 'Write',
    writePost: 'Write a post',
    signIn: 'Sign in',
    register: 'Make an account',
    protocol: 'Protocol',
  },

  titles: {
    home: 'Home',
    explore: 'Explore',
    notices: 'Notices',
    thread: 'Thread',
    settings: 'Settings',
    signIn: 'Sign in',
    register: 'Make an account',
    notFound: 'Not found',
    followers: (who: string) => `Followers of ${who}`,
    following: (who: string) => `Followed by ${who}`,
    person: (shown: string, name: string) => `${shown} (@${name})`,
    atName: (name: string) => `@${name}`,
    post: (shown: string, words: string) => (words ? `${shown}: ${words}` : `A post by ${shown}`),
    page: (title: string) => `${title} · realtime`,
    waiting: (n: number, title: string) => `(${number(n)}) ${title}`,
  },

  wire: {
    live: 'Live',
    connecting: 'Connecting',
    off: 'Not connected',
    connectingNow: 'Connecting.',
    connectingIn: (s: number) => `Not connected. Trying again in ${seconds(s)}.`,
    reconnecting: 'Reconnecting.',
    kept: 'What you write is kept and sent.',
    reconnectingIn: (s: number) => `Reconnecting in ${seconds(s)}.`,
    ended: 'You were signed out on this device.',
    stopped: 'This page and the server no longer understand each other. Load it again.',
    reload: 'Load again',
    tryNow: 'Try now',
  },

  time: {
    now: 'now',
    minutes: (n: number) => `${n} min`,
    sending: 'Sending',
    waiting: 'Waiting',
    notSent: 'Not sent',
  },

  post: {
    by: (shown: string) => `Post by ${shown}`,
    reactions: 'Reactions',
    addReaction: 'Add a reaction',
    reaction: (emoji: string, n: number, yours: boolean) =>
      `${emoji}, ${short(n)}${yours ? ', yours' : ''}`,
    reply: (n: number) => (n ? `Reply, ${short(n)}` : 'Reply'),
    retweet: (n: number) => (n ? `Retweet, ${short(n)}` : 'Retweet'),
    more: 'More about this post',
    /** After the names of `n` people, `you` the first of them. */
    retweeted: (_n: number, _you: boolean) => 'retweeted',
    and: 'and',
    others: (n: number) => `${number(n)} ${plural(n, 'other', 'others')}`,
    to: 'To',
    toSomeone: 'To a post',
    fresh: 'New',
    youRetweeted: 'You',
    deletedBy: (shown: string) =>
      shown ? `${shown} deleted this post.` : 'This post was deleted.',
    quoteGone: 'The quoted post is not here.',
    openPicture: (alt: string) => (alt ? `Open picture: ${alt}` : 'Open picture'),
    alt: 'ALT, show the description',
    signInToReact: 'Sign in to react, reply and retweet.',
    eightUsed: 'Eight reactions of yours is the limit.',
  },

  feed: {
    home: 'Posts of the people you follow, and yours',
    explore: 'Recent posts by anyone',
    newPosts: (n: number) => `${number(n)} new ${plural(n, 'post', 'posts')}`,
    loading: 'Loading the timeline',
    loadingMore: 'Loading more',
    end: 'That is everything, back to the first post.',
    gapBetween: (from: string, to: string) => `Posts from ${from} to ${to} are not here yet.`,
    gap: 'Some posts are not here yet.',
    loadGap: 'Load them',
    emptyTitle: 'Quiet so far',
    empty:
      'Follow a few people and their posts arrive here by themselves, the moment they are written.',
    emptyExplore: 'Nobody has written anything yet. The first post is the hardest.',
    look: 'Look around',
    failedTitle: 'This page did not arrive',
    failed:
      'The server is there but could not read the timeline. What you already have is still here.',
    offline: 'There is no connection right now. It is loaded as soon as there is one.',
  },

  thread: {
    retweets: (n: number) => plural(n, 'retweet', 'retweets'),
    quotes: (n: number) => plural(n, 'quote', 'quotes'),
    reactions: (n: number) => plural(n, 'reaction', 'reactions'),
    replies: 'Replies',
    showReplies: (n: number) => `Show ${number(n)} ${plural(n, 'reply', 'replies')}`,
    notFoundTitle: 'There is no post here',
    notFound: 'It was deleted, or the address has a slip in it.',
  },

  settings: {
    look: 'Look',
    theme: 'Theme',
    system: 'System',
    light: 'Light',
    dark: 'Dark',
    language: 'Language',
    languageAuto: 'Automatic',
    keyboard: 'Keyboard',
    keyboardWhat: 'Single keys move between posts and act on them.',
    on: 'On',
    off: 'Off',
    allKeys: 'Show all keys',
    devices: 'Devices',
    devicesWhat: 'Where you are signed in. Ending one closes it within a second.',
    thisOne: 'This one',
    end: 'End',
    endThat: (device: string) => ` the session on ${device}`,
    endOthers: 'End all others',
    endAsk: 'End all other sessions?',
    endWhat: (n: number) =>
      plural(n, 'One other device is signed out.', `${number(n)} other devices are signed out.`),
    endYes: 'End them',
    ended: 'Session ended.',
    endedAll: 'All other sessions ended.',
    devicesFailed: 'The list of devices did not arrive.',
    now: 'now',
    password: 'Password',
    passwordWhat: 'All other devices are signed out when you change it.',
    current: 'Now',
    next: 'New',
    change: 'Change password',
    changing: 'Changing',
    changed: 'Password changed. Other devices are signed out.',
    signOut: 'Sign out',
    signOutWhat: 'On this device only.',
    things: 'Your things',
    thingsWhat: 'Everything you wrote and did, and your pictures, in one ZIP.',
    download: 'Download your data',
    leave: 'Delete account',
    leaveWhat:
      'Your posts, pictures and reactions go from everywhere, for good. Your name stays taken.',
    leaveOpen: 'Delete my account…',
    leaveAsk: 'Delete your account?',
    leaveNumber: (posts: number) =>
      plural(
        posts,
        'Your one post goes, and all that you did here.',
        `Your ${number(posts)} posts go, and all that you did here.`,
      ),
    leaveFirst: 'Download your data first if you want to keep any of it.',
    leavePassword: 'Your password',
    leaving: 'Deleting',
    left: 'Your account is deleted.',
    unsentAsk: 'Sign out and lose what is unsent?',
    unsentWhat:
      'What you wrote or did here and the server has not yet got is gone then. Stay, and it is sent with the next connection.',
    unsentStay: 'Stay',
    unsentLeave: 'Sign out and lose it',
  },

  lightbox: {
    title: 'Picture',
    of: (n: number, all: number) => `Picture ${n} of ${all}`,
    next: 'Next picture',
    previous: 'Previous picture',
    play: 'Play',
    pause: 'Pause',
  },

  notFound: {
    title: 'Nothing lives here',
    what: 'The address has a slip in it, or what was here is gone.',
    home: 'Home',
  },

  broken: {
    title: 'This part of the page broke',
    what: 'It is our fault, not yours. What you wrote is kept.',
    again: 'Load again',
  },
};

export type Texts = typeof en;
