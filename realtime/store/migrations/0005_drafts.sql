-- What each person has begun to write, shared between their windows; `body` is JSON, null: nothing.
CREATE TABLE drafts (
  user_id bigint PRIMARY KEY REFERENCES users (id),
  seq bigint NOT NULL,
  body text
);
