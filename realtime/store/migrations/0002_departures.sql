-- Accounts that are gone for everybody, and what is left of them to clear away. `place`: the last
-- person whose relation to them was cleared. A row goes when the log names nobody's relation any more.
CREATE TABLE departures (
  user_id bigint PRIMARY KEY REFERENCES users (id),
  at_ms bigint NOT NULL,
  place bigint NOT NULL DEFAULT 0,
  cleared_ms bigint
);
