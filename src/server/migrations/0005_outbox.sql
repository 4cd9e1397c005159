-- What channels must be told, written in the transaction of the change itself. A row is done when it was delivered, when a
-- later one made it needless, or when it is dead: refused for good, or tried too often.
DROP TABLE outbox;
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  task TEXT NOT NULL REFERENCES task (id),
  channel TEXT NOT NULL,
  event TEXT NOT NULL,
  at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  claimed_until INTEGER NOT NULL DEFAULT 0,
  done_at INTEGER,
  dead_at INTEGER,
  why TEXT
) STRICT;
CREATE INDEX outbox_open ON outbox (channel, task, id) WHERE done_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_dead ON outbox (dead_at) WHERE dead_at IS NOT NULL;
CREATE INDEX outbox_task ON outbox (task, event);

-- Where a channel's message about a task is, so that it can be brought up to date. `place` is the channel's own JSON.
CREATE TABLE posted (
  task TEXT NOT NULL REFERENCES task (id),
  channel TEXT NOT NULL,
  place TEXT NOT NULL,
  PRIMARY KEY (task, channel)
) STRICT, WITHOUT ROWID;
