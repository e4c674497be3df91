/** What is said about how quickly things come. */

import { number, plural } from '../numbers';

export const speed = {
  title: 'Connection',
  connection: 'State',
  heartbeat: 'Last heartbeat',
  cursor: 'All was sent up to',
  resumes: 'Came back and missed nothing',
  gaps: 'Came back with a gap',
  delivery: (percent: number) => `Delivery, p${percent}`,
  ago: (seconds: number) => `${number(seconds)} s ago`,
  ms: (ms: number) => `${number(ms)} ms`,
  none: '–',
  noClock: 'The first heartbeat sets the clock: within 20 seconds.',
  measured: (n: number) =>
    `Of the last ${number(n)} ${plural(n, 'post or retweet', 'posts and retweets')}.`,
  honest:
    'From the moment the server noted just before its commit to the frame that showed it here. The clocks are compared by heartbeats, so the quickest way of a heartbeat is not counted.',
};
