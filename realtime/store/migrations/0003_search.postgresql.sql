-- What can be found: the words of living posts and people, made by `realtime/text.py` alone.
-- `is_indexed` is true where they stand here. What an older version of this code writes while both run has it
-- false, as has everything that was there before: each process looks for such rows and indexes them.
ALTER TABLE posts ADD COLUMN is_indexed boolean NOT NULL DEFAULT false;
ALTER TABLE users ADD COLUMN is_indexed boolean NOT NULL DEFAULT false;
CREATE INDEX posts_unindexed ON posts (id) WHERE NOT is_indexed AND NOT deleted;  -- the back-fill
CREATE INDEX users_unindexed ON users (id) WHERE NOT is_indexed AND NOT deleted;

-- No foreign keys: their checks would cost each post as much as its words, and the triggers below take the rows away.
CREATE TABLE post_words (id bigint PRIMARY KEY, owner_id bigint NOT NULL, words tsvector NOT NULL);
CREATE TABLE user_words (id bigint PRIMARY KEY, owner_id bigint NOT NULL, words tsvector NOT NULL);
-- search.query, for words that are not among the newest rows. A short list of what is not sorted in yet: whoever
-- happens to empty it waits some 40 ms, and with a long one a second.
CREATE INDEX post_words_index ON post_words USING gin (words) WITH (gin_pending_list_limit = 512);
CREATE INDEX user_words_index ON user_words USING gin (words) WITH (gin_pending_list_limit = 512);

-- Whatever deletes a post or an account, nothing of it can be found from then on.
CREATE FUNCTION forget_post_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM post_words WHERE id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER posts_forgotten AFTER UPDATE OF deleted ON posts
  FOR EACH ROW WHEN (NEW.deleted) EXECUTE FUNCTION forget_post_words();
CREATE FUNCTION forget_user_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM user_words WHERE id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER users_forgotten AFTER UPDATE OF deleted ON users
  FOR EACH ROW WHEN (NEW.deleted) EXECUTE FUNCTION forget_user_words();
