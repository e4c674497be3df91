-- People, posts and what is told of them. Times are milliseconds since 1970, lists travel as JSON text.
-- Ids and `seq` come from one sequence: a larger number is newer, whichever process took it.
CREATE SEQUENCE seqs;

CREATE TABLE users (
  id bigint PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  display_name text NOT NULL,
  bio text NOT NULL DEFAULT '',
  avatar_id bigint,
  password text NOT NULL,
  created_ms bigint NOT NULL,
  deleted boolean NOT NULL DEFAULT false,
  seq bigint NOT NULL
);

-- Apart from `users`, so that a follower or a post never waits for a profile.
CREATE TABLE tallies (
  user_id bigint PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  followers bigint NOT NULL DEFAULT 0,
  following bigint NOT NULL DEFAULT 0,
  posts bigint NOT NULL DEFAULT 0
);

CREATE TABLE sessions (
  id bigint PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_hash text NOT NULL UNIQUE,
  device text NOT NULL,
  address text NOT NULL,
  created_ms bigint NOT NULL,
  seen_ms bigint NOT NULL,
  expires_ms bigint NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE tickets (
  hash text PRIMARY KEY,
  session_id bigint NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  expires_ms bigint NOT NULL
);
CREATE INDEX tickets_session ON tickets (session_id);

-- Both sides of a pair are written together, so that one row says all about one direction.
CREATE TABLE relations (
  user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  other_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  following boolean NOT NULL DEFAULT false,
  followed_by boolean NOT NULL DEFAULT false,
  blocking boolean NOT NULL DEFAULT false,
  blocked_by boolean NOT NULL DEFAULT false,
  muting boolean NOT NULL DEFAULT false,
  following_id bigint,
  blocking_id bigint,
  muting_id bigint,
  seq bigint NOT NULL,
  PRIMARY KEY (user_id, other_id)
);
CREATE INDEX relations_following ON relations (user_id, following_id, other_id) WHERE following;
CREATE INDEX relations_followers ON relations (other_id, following_id, user_id) WHERE following;
CREATE INDEX relations_hidden ON relations (user_id, other_id) WHERE blocking OR blocked_by OR muting;

CREATE TABLE posts (
  id bigint PRIMARY KEY,
  author_id bigint NOT NULL REFERENCES users (id),
  key text NOT NULL,
  text text NOT NULL,
  reply_to bigint REFERENCES posts (id),
  quote_of bigint REFERENCES posts (id),
  has_media boolean NOT NULL,
  created_ms bigint NOT NULL,
  deleted boolean NOT NULL DEFAULT false,
  seq bigint NOT NULL,
  UNIQUE (author_id, key)
);
CREATE INDEX posts_explore ON posts (id) WHERE reply_to IS NULL AND NOT deleted;  -- timeline explore
CREATE INDEX posts_media ON posts (author_id, id) WHERE has_media AND NOT deleted;  -- timeline media
CREATE INDEX posts_replies ON posts (reply_to, id) WHERE reply_to IS NOT NULL;  -- post.thread
CREATE INDEX posts_quotes ON posts (quote_of) WHERE quote_of IS NOT NULL;

CREATE TABLE media (
  id bigint PRIMARY KEY,
  owner_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  post_id bigint REFERENCES posts (id),
  place smallint NOT NULL DEFAULT 0,
  is_avatar boolean NOT NULL DEFAULT false,
  type text NOT NULL,
  file text NOT NULL,
  sizes text NOT NULL,
  width integer NOT NULL,
  height integer NOT NULL,
  alt text NOT NULL,
  thumbhash text NOT NULL,
  animated boolean NOT NULL,
  created_ms bigint NOT NULL
);
CREATE INDEX media_post ON media (post_id, place) WHERE post_id IS NOT NULL;
CREATE INDEX media_owner ON media (owner_id);
CREATE INDEX media_unclaimed ON media (created_ms) WHERE post_id IS NULL AND NOT is_avatar;

-- What stands in the timelines of people: a post or a retweet at its own time. Gone with its post.
CREATE TABLE entries (
  id bigint PRIMARY KEY,
  actor_id bigint NOT NULL REFERENCES users (id),
  post_id bigint NOT NULL REFERENCES posts (id),
  author_id bigint NOT NULL
);
CREATE INDEX entries_actor ON entries (actor_id, id, post_id, author_id);  -- timelines home and user, without the table
CREATE INDEX entries_post ON entries (post_id);

CREATE TABLE retweets (
  id bigint PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  post_id bigint NOT NULL REFERENCES posts (id),
  created_ms bigint NOT NULL,
  deleted boolean NOT NULL DEFAULT false,
  seq bigint NOT NULL
);
CREATE UNIQUE INDEX retweets_once ON retweets (user_id, post_id) WHERE NOT deleted;
CREATE INDEX retweets_post ON retweets (post_id, id) WHERE NOT deleted;  -- retweet.list
CREATE INDEX retweets_gone ON retweets (seq) WHERE deleted;

CREATE TABLE reactions (
  post_id bigint NOT NULL REFERENCES posts (id),
  user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  emoji text NOT NULL,
  id bigint NOT NULL,
  created_ms bigint NOT NULL,
  PRIMARY KEY (post_id, user_id, emoji)
);
CREATE INDEX reactions_post ON reactions (post_id, id);  -- react.list
CREATE INDEX reactions_user ON reactions (user_id, id);  -- timeline reactions
CREATE INDEX reactions_newest ON reactions (user_id, post_id, id);

CREATE TABLE counts (
  post_id bigint PRIMARY KEY REFERENCES posts (id),
  v bigint NOT NULL,
  retweets integer NOT NULL DEFAULT 0,
  replies integer NOT NULL DEFAULT 0,
  quotes integer NOT NULL DEFAULT 0,
  reactions text NOT NULL DEFAULT '{}'
) WITH (fillfactor = 70);

-- The log: which noun was told on which topic, by which transaction. Keys only, never words.
CREATE TABLE events (
  seq bigint NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  topic bigint NOT NULL,
  kind smallint NOT NULL,
  noun_id bigint NOT NULL,
  about bigint[] NOT NULL,
  at_ms bigint NOT NULL
);
CREATE INDEX events_tail ON events (xid, seq);
CREATE INDEX events_topic ON events (topic, xid, seq);

-- `word` names this database's history: a restore changes it. `forgotten`: rows below this xid may be gone.
CREATE TABLE log (
  id smallint PRIMARY KEY CHECK (id = 1),
  word text NOT NULL,
  forgotten xid8 NOT NULL
);
INSERT INTO log (id, word, forgotten) VALUES (1, replace(gen_random_uuid()::text, '-', ''), '0'::xid8);
