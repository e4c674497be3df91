-- A notice, a read mark and a draft are told as they are by then, so the log keeps the newest line of each: kinds 6 to 8.
CREATE INDEX events_own ON events (topic, kind, noun_id) WHERE kind IN (6, 7, 8);  -- the line that a newer one replaces
