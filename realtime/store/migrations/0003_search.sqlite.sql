-- What can be found: the words of living posts and people, made by `realtime/text.py` alone.
-- `is_indexed` is true where they stand here. What an older version of this code writes while both run has it
-- false, as has everything that was there before: each process looks for such rows and indexes them.
ALTER TABLE posts ADD COLUMN is_indexed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN is_indexed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX posts_unindexed ON posts (id) WHERE NOT is_indexed AND NOT deleted;  -- the back-fill
CREATE INDEX users_unindexed ON users (id) WHERE NOT is_indexed AND NOT deleted;

-- Each word with a blank on either side, in the order of their code points: so GLOB finds them too.
CREATE TABLE post_words (id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL, words TEXT NOT NULL);
CREATE TABLE user_words (id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL, words TEXT NOT NULL);
-- search.query, for words that are not among the newest rows. `ascii` cuts at the blanks and folds nothing that
-- is not folded already. `prefix`: of short ones the lists are kept; those of long ones are short.
CREATE VIRTUAL TABLE post_words_index USING fts5(words, content = 'post_words', content_rowid = 'id',
  tokenize = "ascii tokenchars '_'", detail = none, columnsize = 0, prefix = '1 2');
CREATE VIRTUAL TABLE user_words_index USING fts5(words, content = 'user_words', content_rowid = 'id',
  tokenize = "ascii tokenchars '_'", detail = none, columnsize = 0, prefix = '1 2');

CREATE TRIGGER post_words_come AFTER INSERT ON post_words BEGIN
  INSERT INTO post_words_index (rowid, words) VALUES (NEW.id, NEW.words);
END;
CREATE TRIGGER post_words_go AFTER DELETE ON post_words BEGIN
  INSERT INTO post_words_index (post_words_index, rowid, words) VALUES ('delete', OLD.id, OLD.words);
END;
CREATE TRIGGER post_words_change AFTER UPDATE ON post_words BEGIN
  INSERT INTO post_words_index (post_words_index, rowid, words) VALUES ('delete', OLD.id, OLD.words);
  INSERT INTO post_words_index (rowid, words) VALUES (NEW.id, NEW.words);
END;
CREATE TRIGGER user_words_come AFTER INSERT ON user_words BEGIN
  INSERT INTO user_words_index (rowid, words) VALUES (NEW.id, NEW.words);
END;
CREATE TRIGGER user_words_go AFTER DELETE ON user_words BEGIN
  INSERT INTO user_words_index (user_words_index, rowid, words) VALUES ('delete', OLD.id, OLD.words);
END;
CREATE TRIGGER user_words_change AFTER UPDATE ON user_words BEGIN
  INSERT INTO user_words_index (user_words_index, rowid, words) VALUES ('delete', OLD.id, OLD.words);
  INSERT INTO user_words_index (rowid, words) VALUES (NEW.id, NEW.words);
END;

-- Whatever deletes a post or an account, nothing of it can be found from then on.
CREATE TRIGGER posts_forgotten AFTER UPDATE OF deleted ON posts WHEN NEW.deleted BEGIN
  DELETE FROM post_words WHERE id = NEW.id;
END;
CREATE TRIGGER users_forgotten AFTER UPDATE OF deleted ON users WHEN NEW.deleted BEGIN
  DELETE FROM user_words WHERE id = NEW.id;
END;
