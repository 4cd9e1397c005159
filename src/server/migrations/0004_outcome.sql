-- Calls that were released and of which it is not known what became: under way, or unknown. A row goes when the filter
-- reports how a call under way ended; what was unknown once stays, with how it was settled.
CREATE TABLE release (
  task TEXT PRIMARY KEY REFERENCES task (id),
  released_at INTEGER NOT NULL,
  unknown_since INTEGER,
  why TEXT CHECK (why IN ('not_reported', 'reported_unknown', 'restored')),
  settled_at INTEGER,
  executed TEXT CHECK (executed IN ('yes', 'no', 'cannot_tell', 'reported')),
  settled_by TEXT,
  reason TEXT
) STRICT;
CREATE INDEX release_under_way ON release (released_at) WHERE unknown_since IS NULL;
CREATE INDEX release_unknown ON release (unknown_since) WHERE settled_at IS NULL;

INSERT INTO release (task, released_at)
  SELECT a.task, coalesce(l.received_at, a.approved_at) FROM approval a
  JOIN task t ON t.id = a.task LEFT JOIN audit_leaf l ON l.leaf = a.record_leaf
  WHERE a.used > 0 AND t.outcome IS NULL;

-- Why a grant was taken back, and by whom.
ALTER TABLE approval ADD COLUMN revoked_why TEXT;
ALTER TABLE approval ADD COLUMN revoked_by TEXT;

-- A signing key that must not be believed any more.
ALTER TABLE signing_key ADD COLUMN revoked_at INTEGER;
