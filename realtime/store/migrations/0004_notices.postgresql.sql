-- Notices: what was done to somebody. Who stands in one is never written down: it is read from the deeds themselves.

-- How far a person has read, and the `seq` of that. The row is the lock under which their notices change.
CREATE TABLE inboxes (
  user_id bigint PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  read_up_to bigint NOT NULL DEFAULT 0,
  seq bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

-- `what`: 1 reaction, 2 retweet, 3 reply, 4 mention, 5 quote, 6 follow. The first two gather the deeds on one post
-- with an id from `since` up to (without) `until`; the others are by `actor_id` alone.
CREATE TABLE notices (
  id bigint PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES inboxes (user_id) ON DELETE CASCADE,
  what smallint NOT NULL,
  post_id bigint REFERENCES posts (id),
  actor_id bigint REFERENCES users (id),
  since bigint NOT NULL DEFAULT 0,
  until bigint NOT NULL DEFAULT 9223372036854775807,
  created_ms bigint NOT NULL,
  seq bigint NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX notices_user ON notices (user_id, id);  -- notice.list, unread
CREATE INDEX notices_post ON notices (post_id, what, until) WHERE post_id IS NOT NULL;  -- where a deed belongs; a deleted post
CREATE INDEX notices_actor ON notices (actor_id, user_id) WHERE actor_id IS NOT NULL;  -- a follow that is there already

-- Everyone who did something that a notice tells of, as things are now.
CREATE VIEW notice_deeds AS
SELECT n.id AS notice_id, n.user_id AS owner_id, r.user_id AS person_id, r.id AS deed_id
  FROM notices AS n
  JOIN reactions AS r ON r.post_id = n.post_id AND r.id >= n.since AND r.id < n.until
 WHERE n.what = 1
 UNION ALL
SELECT n.id, n.user_id, r.user_id, r.id
  FROM notices AS n
  JOIN posts AS p ON p.id = n.post_id AND NOT p.deleted
  JOIN retweets AS r ON r.post_id = n.post_id AND r.id >= n.since AND r.id < n.until AND NOT r.deleted
 WHERE n.what = 2
 UNION ALL
SELECT n.id, n.user_id, n.actor_id, n.id
  FROM notices AS n
  JOIN posts AS p ON p.id = n.post_id AND NOT p.deleted
 WHERE n.what IN (3, 4, 5)
 UNION ALL
SELECT n.id, n.user_id, n.actor_id, n.id
  FROM notices AS n
  JOIN relations AS r ON r.user_id = n.user_id AND r.other_id = n.actor_id AND r.followed_by
 WHERE n.what = 6;

-- The same without the owner's own deeds and those of people who are hidden from them, or gone. A notice without anybody
-- is none.
CREATE VIEW notice_people AS
SELECT d.notice_id, d.owner_id, d.person_id, d.deed_id
  FROM notice_deeds AS d
 WHERE d.person_id <> d.owner_id
   AND NOT EXISTS (
       SELECT 1 FROM relations AS h
        WHERE h.user_id = d.owner_id AND h.other_id = d.person_id
          AND (h.blocking OR h.blocked_by OR h.muting))
   AND EXISTS (SELECT 1 FROM users AS u WHERE u.id = d.person_id AND NOT u.deleted);
