/** What the store holds on each board. */

import type {
  Draft,
  People,
  PeopleKey,
  Person,
  State,
  Timeline,
  TimelineKey,
} from '../src/store/types';
import { before, byId, byPost, entry, state, timeline } from '../src/testing/fixture';
import { Refusal } from '../src/wire/refusal';
import { ada, art, at, everybody, ivo, lua, mei, noor, numbers, own, posts, sam } from './people';

const rows = [
  entry('120'),
  entry('119', { by: [ada.id, noor.id], others: 3, own: false }),
  entry('118'),
  entry('117'),
  entry('116'),
  { kind: 'gap', id: 'g1', before: null, loading: false } as const,
  entry('115'),
  entry('114'),
  entry('113'),
  entry('112'),
  entry('111'),
];

const draft = (key: string, text: string, more: Partial<Draft>): Draft => ({
  key,
  at: 0,
  version: 1,
  notBefore: 0,
  text,
  pictures: [],
  reply_to: null,
  quote_of: null,
  created_at: before(0),
  state: 'sending',
  refusal: null,
  ...more,
});

const uploads = [
  {
    id: 'u1',
    name: 'harbour.jpg',
    preview: at('harbour'),
    alt: 'A harbour.',
    state: 'ready',
    progress: 1,
    media: art.harbour,
    refusal: null,
  },
  {
    id: 'u2',
    name: 'line.jpg',
    preview: at('line'),
    alt: '',
    state: 'uploading',
    progress: 0.62,
    media: null,
    refusal: null,
  },
  {
    id: 'u3',
    name: 'hills.jpg',
    preview: at('hills'),
    alt: '',
    state: 'failed',
    progress: 0,
    media: null,
    refusal: new Refusal('too_long', 'Too large'),
  },
  {
    id: 'u4',
    name: 'cat.jpg',
    preview: at('cat'),
    alt: '',
    state: 'failed',
    progress: 0,
    media: null,
    refusal: new Refusal('unavailable', 'Busy'),
  },
] as const;

const world = (more: Partial<State> = {}): State => {
  const empty = state();
  return {
    ...empty,
    account: { state: 'in', user_id: sam.id },
    nouns: {
      ...empty.nouns,
      people: byId(...everybody),
      names: new Map(everybody.map((each) => [each.name, each.id])),
      posts: byId(...posts),
      counts: byPost(...numbers),
      mine: byPost(...own),
      relations: new Map([
        [
          ada.id,
          {
            kind: 'relation',
            user_id: ada.id,
            seq: 1,
            following: true,
            followed_by: true,
            blocking: false,
            muting: false,
          },
        ],
      ]),
    },
    timelines: new Map<TimelineKey, Timeline>([
      ['home', timeline('home', rows)],
      [
        'explore',
        timeline(
          'explore',
          rows.filter((row) => row.kind === 'entry'),
        ),
      ],
      [
        `user:${ada.id}`,
        timeline(`user:${ada.id}`, [entry('111'), entry('119', { by: [ada.id], own: false })]),
      ],
      [`media:${ada.id}`, timeline(`media:${ada.id}`, [])],
    ]),
    threads: new Map([
      [
        '119',
        {
          post_id: '119',
          ancestors: ['70', '90'],
          replies: ['121', '122', '123'],
          floor: null,
          live: new Set<string>(),
          tail: null,
          state: 'ready',
          refusal: null,
          ended: true,
          next: null,
        },
      ],
      [
        '404',
        {
          post_id: '404',
          ancestors: [],
          replies: [],
          floor: null,
          live: new Set<string>(),
          tail: null,
          state: 'missing',
          refusal: null,
          ended: true,
          next: null,
        },
      ],
    ]),
    lookups: new Map([
      ['ada', { state: 'ready', user_id: ada.id }],
      ['nobody', { state: 'missing' }],
    ]),
    people: new Map<PeopleKey, People>([
      [
        `followers:${ada.id}`,
        {
          key: `followers:${ada.id}`,
          rows: everybody.map((p) => ({ user_id: p.id, emoji: null })),
          state: 'ready',
          refusal: null,
          ended: false,
          next: 'x',
        },
      ],
      [
        'reactions:119',
        {
          key: 'reactions:119',
          rows: [
            [sam, '🌊'],
            [mei, '🌅'],
            [lua, '🌅'],
          ].map(([p, e]) => ({ user_id: (p as Person).id, emoji: e as string })),
          state: 'ready',
          refusal: null,
          ended: true,
          next: null,
        },
      ],
    ]),
    ...more,
  };
};

const home = (
  more: Parameters<typeof timeline>[2],
  list: readonly (typeof rows)[number][] = rows,
) => new Map([['home', timeline('home', list, more)] as const]);

/** Each board: what the store holds. The address it is shown at is in `boards.tsx`. */
export const worlds: Record<string, () => State> = {
  plain: () => world(),
  waiting: () =>
    world({
      timelines: home({
        waiting: Array.from({ length: 12 }, () => entry('120')),
        waitingAuthors: [mei.id, ivo.id, ada.id],
        atTop: false,
      }),
    }),
  drafts: () =>
    world({
      drafts: [
        draft('d1', 'On my way with the good chairs.', { state: 'sending' }),
        draft('d2', 'Will be there at eight.', { state: 'waiting', reply_to: '120' }),
        draft(
          'd3',
          'On my way with the good chairs. And the bad ones, there are more people than chairs.',
          {
            state: 'failed',
            refusal: new Refusal(
              'rate_limited',
              'Ten posts in ten seconds is the limit.',
              undefined,
              6,
            ),
          },
        ),
      ],
    }),
  off: () =>
    world({
      connection: { state: 'off', retryInSeconds: 3, stopped: false, reason: '', wasLive: true },
    }),
  loading: () => world({ timelines: home({ state: 'loading', ended: false }, []) }),
  empty: () => world({ timelines: home({}, []) }),
  failed: () =>
    world({
      timelines: home(
        {
          state: 'failed',
          ended: false,
          refusal: new Refusal(
            'unavailable',
            'The server is there but could not read the timeline.',
          ),
        },
        [],
      ),
    }),
  uploads: () => world({ pictures: new Map([['home', uploads]]) }),
  visitor: () => world({ account: { state: 'out', user_id: null } }),
  many: () => {
    const base = world();
    const words = posts.filter((each) => !each.deleted);
    const all = Array.from({ length: 1000 }, (_, i) => ({
      ...(words[i % words.length] ?? words[0]),
      id: String(10_000 - i),
    })) as typeof posts;
    return {
      ...base,
      nouns: { ...base.nouns, posts: byId(...all, ...posts) },
      timelines: home(
        {},
        all.map((each) => entry(each.id)),
      ),
    };
  },
};
