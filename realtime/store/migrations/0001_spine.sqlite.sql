-- People, posts and what is told of them. Times are milliseconds since 1970, lists travel as JSON text.
-- Ids and `seq` come from one sequence: a larger number is newer, whichever process took it.
CREATE TABLE counter (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL);
INSERT INTO counter (id, value) VALUES (1, 0);

CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  bio TEXT NOT NULL DEFAULT '',
  avatar_id INTEGER,
  password TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL
);

-- Apart from `users`, so that a follower or a post never waits for a profile.
CREATE TABLE tallies (
  user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  followers INTEGER NOT NULL DEFAULT 0,
  following INTEGER NOT NULL DEFAULT 0,
  posts INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_hash TEXT NOT NULL UNIQUE,
  device TEXT NOT NULL,
  address TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE tickets (
  hash TEXT PRIMARY KEY,
  session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  expires_ms INTEGER NOT NULL
);
CREATE INDEX tickets_session ON tickets (session_id);

-- Both sides of a pair are written together, so that one row says all about one direction.
CREATE TABLE relations (
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  other_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  following INTEGER NOT NULL DEFAULT 0,
  followed_by INTEGER NOT NULL DEFAULT 0,
  blocking INTEGER NOT NULL DEFAULT 0,
  blocked_by INTEGER NOT NULL DEFAULT 0,
  muting INTEGER NOT NULL DEFAULT 0,
  following_id INTEGER,
  blocking_id INTEGER,
  muting_id INTEGER,
  seq INTEGER NOT NULL,
  PRIMARY KEY (user_id, other_id)
);
CREATE INDEX relations_following ON relations (user_id, following_id, other_id) WHERE following;
CREATE INDEX relations_followers ON relations (other_id, following_id, user_id) WHERE following;
CREATE INDEX relations_hidden ON relations (user_id, other_id) WHERE blocking OR blocked_by OR muting;

CREATE TABLE posts (
  id INTEGER PRIMARY KEY,
  author_id INTEGER NOT NULL REFERENCES users (id),
  key TEXT NOT NULL,
  text TEXT NOT NULL,
  reply_to INTEGER REFERENCES posts (id),
  quote_of INTEGER REFERENCES posts (id),
  has_media INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL,
  UNIQUE (author_id, key)
);
CREATE INDEX posts_explore ON posts (id) WHERE reply_to IS NULL AND NOT deleted;  -- timeline explore
CREATE INDEX posts_media ON posts (author_id, id) WHERE has_media AND NOT deleted;  -- timeline media
CREATE INDEX posts_replies ON posts (reply_to, id) WHERE reply_to IS NOT NULL;  -- post.thread
CREATE INDEX posts_quotes ON posts (quote_of) WHERE quote_of IS NOT NULL;

CREATE TABLE media (
  id INTEGER PRIMARY KEY,
  owner_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  post_id INTEGER REFERENCES posts (id),
  place INTEGER NOT NULL DEFAULT 0,
  is_avatar INTEGER NOT NULL DEFAULT 0,
  type TEXT NOT NULL,
  file TEXT NOT NULL,
  sizes TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  alt TEXT NOT NULL,
  thumbhash TEXT NOT NULL,
  animated INTEGER NOT NULL,
  created_ms INTEGER NOT NULL
);
CREATE INDEX media_post ON media (post_id, place) WHERE post_id IS NOT NULL;
CREATE INDEX media_owner ON media (owner_id);
CREATE INDEX media_unclaimed ON media (created_ms) WHERE post_id IS NULL AND NOT is_avatar;

-- What stands in the timelines of people: a post or a retweet at its own time. Gone with its post.
CREATE TABLE entries (
  id INTEGER PRIMARY KEY,
  actor_id INTEGER NOT NULL REFERENCES users (id),
  post_id INTEGER NOT NULL REFERENCES posts (id),
  author_id INTEGER NOT NULL
);
CREATE INDEX entries_actor ON entries (actor_id, id, post_id, author_id);  -- timelines home and user, without the table
CREATE INDEX entries_post ON entries (post_id);

CREATE TABLE retweets (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  post_id INTEGER NOT NULL REFERENCES posts (id),
  created_ms INTEGER NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL
);
CREATE UNIQUE INDEX retweets_once ON retweets (user_id, post_id) WHERE NOT deleted;
CREATE INDEX retweets_post ON retweets (post_id, id) WHERE NOT deleted;  -- retweet.list
CREATE INDEX retweets_gone ON retweets (seq) WHERE deleted;

CREATE TABLE reactions (
  post_id INTEGER NOT NULL REFERENCES posts (id),
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  emoji TEXT NOT NULL,
  id INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (post_id, user_id, emoji)
);
CREATE INDEX reactions_post ON reactions (post_id, id);  -- react.list
CREATE INDEX reactions_user ON reactions (user_id, id);  -- timeline reactions
CREATE INDEX reactions_newest ON reactions (user_id, post_id, id);

CREATE TABLE counts (
  post_id INTEGER PRIMARY KEY REFERENCES posts (id),
  v INTEGER NOT NULL,
  retweets INTEGER NOT NULL DEFAULT 0,
  replies INTEGER NOT NULL DEFAULT 0,
  quotes INTEGER NOT NULL DEFAULT 0,
  reactions TEXT NOT NULL DEFAULT '{}'
);

-- The log: which noun was told on which topic. Keys only, never words. One writer: `xid` is the order of commits.
CREATE TABLE events (
  xid INTEGER PRIMARY KEY AUTOINCREMENT,
  seq INTEGER NOT NULL,
  topic INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  noun_id INTEGER NOT NULL,
  about TEXT NOT NULL,
  at_ms INTEGER NOT NULL
);
CREATE INDEX events_topic ON events (topic, xid);

-- `word` names this database's history: a restore changes it. `forgotten`: rows below this xid may be gone.
CREATE TABLE log (id INTEGER PRIMARY KEY CHECK (id = 1), word TEXT NOT NULL, forgotten INTEGER NOT NULL);
INSERT INTO log (id, word, forgotten) VALUES (1, lower(hex(randomblob(16))), 0);
