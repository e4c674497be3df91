/** The people of the boards, and what they wrote. */

import type { Person } from '../src/store/types';
import { before, counts, mine, person, picture, post } from '../src/testing/fixture';

export const at = (name: string) => new URL(`./pictures/${name}.svg`, import.meta.url).href;
export const art = {
  harbour: picture(
    'm1',
    at('harbour'),
    600,
    400,
    'A breakwater at dusk. A small red and white lighthouse has just lit up, a sailing boat is coming in.',
  ),
  bread: picture(
    'm2',
    at('bread'),
    400,
    400,
    'Two dark loaves on a wooden board, one long, one round, and a few crumbs.',
  ),
  hills: picture(
    'm3',
    at('hills'),
    640,
    360,
    'The bakery’s view: green hills in morning fog, a low sun.',
  ),
  plant: picture(
    'm4',
    at('plant'),
    400,
    500,
    'A tomato plant in a red pot on a window sill, three red fruits and an orange one.',
  ),
  tower: picture('m5', at('tower'), 400, 600),
  line: picture('m6', at('line'), 600, 400, 'A map of three tram lines.'),
  cat: picture('m7', at('cat'), 200, 200, 'A black cat.'),
};

const about = (bio: string, followers: number, following: number): Person['about'] => ({
  seq: 1,
  bio,
  followers,
  following,
  posts: 20,
  created_at: '2024-03-05T10:00:00.000Z',
});

export const sam = {
  ...person('900100', 'sam', 'Sam'),
  about: about('Carries chairs. Reads timetables for fun.', 12, 31),
};
export const mei = person('900101', 'mei', 'Mei');
export const kofi = {
  ...person('900107', 'kofi', 'Kofi on the pier'),
  about: about('Watches the breakwater.', 340, 80),
};
export const noor = person('900103', 'noor', 'Noor');
const bob = person('900104', 'bob', 'Bob bakes', art.bread);
export const lua = person('900105', 'lua', 'Lua');
const tove = person('900111', 'tove', 'Tove');
export const ada = {
  ...person('900108', 'ada', 'Ada'),
  about: about(
    'Keeps the ferry’s logbook. Writes down what the water does, and sometimes what the passengers do. @kofi https://ferry.example/log',
    1204,
    311,
  ),
};
export const ivo = person('900109', 'ivo', 'Ivo & the cat', art.cat);
const yara = person('900112', 'yara', 'يارا');
const long = person(
  '900113',
  'a_very_long_name_of_thirty_char',
  'Somebody whose name is as long as a name may be',
);
export const everybody = [sam, mei, kofi, noor, bob, lua, tove, ada, ivo, yara, long];

export const posts = [
  post(
    '120',
    mei,
    'The 6:40 ferry left at 6:38 again. I have started arriving at 6:30, which means the ferry has won.',
  ),
  post('119', kofi, 'First lamp lit on the breakwater tonight, eleven minutes before last week.', {
    created_at: before(70),
    media: [art.harbour],
  }),
  post(
    '118',
    noor,
    'Salt the water before it boils. It changes nothing about the pasta and everything about your evening.',
    { created_at: before(85), reply_to: '90', parent_author_id: ivo.id },
  ),
  post(
    '117',
    bob,
    'Saturday’s bake: rye, seeded, and one that did not listen. Doors at 7, #bakery queue rules apply, @tove gets the end piece.',
    { created_at: before(100), media: [{ ...art.bread, id: 'x1' }, art.hills] },
  ),
  post(
    '116',
    lua,
    'Night bus 4 runs every 20 minutes from Monday. I asked in March, they answered in November. Asking works, it is just slow.',
    { created_at: before(130), quote_of: '80', quoted_id: '80' },
  ),
  post('115', yara, 'صباح الخير من المرفأ. القهوة جاهزة والعبّارة متأخرة كالعادة ☕️', {
    created_at: before(200),
  }),
  post('114', lua, 'The balcony, an inventory.', {
    created_at: before(240),
    media: [art.plant, { ...art.bread, id: 'x2' }, art.tower],
  }),
  post('113', tove, 'Four stops of line 4, in the order I would live in them.', {
    created_at: before(300),
    media: [
      art.line,
      { ...art.bread, id: 'x3' },
      { ...art.hills, id: 'x4' },
      { ...art.harbour, id: 'x5' },
    ],
  }),
  post(
    '112',
    long,
    'https://a-rather-long-host.example/with/a/path/that/never/ends/and/goes/on?and=on and averyveryveryveryveryveryveryveryveryveryveryverylongword\n\nand a second paragraph.',
    { created_at: before(60 * 30) },
  ),
  post('111', ada, 'Lunch is a strong word for this.', {
    created_at: before(60 * 24 * 9),
    quote_of: '79',
  }),
  post('80', tove, 'Timetable hearing today, 18:00, library, upstairs. Bring a neighbour.', {
    created_at: before(60 * 24 * 3),
    media: [{ ...art.line, id: 'x6' }],
  }),
  post('90', ivo, '', { deleted: true, created_at: before(95) }),
  post('70', tove, 'Is the new lamp on yet? Asking for a sailor.', { created_at: before(80) }),
  post('121', mei, 'It is on the ferry’s windows too, upside down.', {
    created_at: before(0),
    reply_to: '119',
    parent_author_id: kofi.id,
  }),
  post('122', ivo, 'The cat saw it first and has been insufferable since.', {
    created_at: before(40),
    reply_to: '119',
    parent_author_id: kofi.id,
  }),
  post('123', noor, 'Of course it has.', {
    created_at: before(30),
    reply_to: '122',
    parent_author_id: ivo.id,
  }),
];

export const numbers = [
  counts('120', { '😂': 24, '⛴️': 11, '🫠': 3 }, { replies: 6, retweets: 4 }),
  counts('119', { '🌅': 41, '🌊': 18, '💛': 9, '👀': 2 }, { replies: 12, retweets: 31, quotes: 4 }),
  counts('118', { '🧂': 7 }, { replies: 2, retweets: 1 }),
  counts('117', { '🥖': 36, '❤️': 15, '😮': 1 }, { replies: 9, retweets: 5 }),
  counts('116', { '👏': 52, '🎉': 20 }, { replies: 14, retweets: 22 }),
  counts('115', { '☕️': 6, '🙏': 2 }, { replies: 1 }),
  counts('114', { '🍅': 12, '🌱': 4 }, { replies: 3 }),
  counts('113', { '🚃': 8, '🔥': 1284 }, { replies: 5, retweets: 2 }),
  counts(
    '112',
    Object.fromEntries(['❤️', '🔥', '👏', '🎉', '🌊', '🐈', '🍋', '🌙'].map((e, i) => [e, i + 1])),
  ),
  counts('70', { '👀': 3 }, { replies: 1 }),
  counts('122', { '🐈': 14, '😂': 6 }, { replies: 2 }),
];

export const own = [
  mine('120', ['😂']),
  mine('119', ['🌊', '💛'], true),
  mine('116', ['🎉']),
  mine('114', ['🍅']),
  mine('112', ['❤️', '🔥', '👏', '🎉', '🌊', '🐈', '🍋', '🌙']),
  mine('122', ['🐈']),
];
