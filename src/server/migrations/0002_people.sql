-- Decisions that one person made alone in an emergency, and the second human's look at each.
CREATE TABLE break_glass (
  task TEXT PRIMARY KEY REFERENCES task (id),
  person INTEGER NOT NULL REFERENCES person (id),
  iss TEXT NOT NULL,
  sub TEXT NOT NULL,
  email TEXT,
  name TEXT NOT NULL,
  groups TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  review_by INTEGER NOT NULL,
  overdue_at INTEGER,
  verdict TEXT CHECK (verdict IN ('confirm', 'contest')),
  look_iss TEXT,
  look_sub TEXT,
  look_name TEXT,
  look_reason TEXT,
  looked_at INTEGER
) STRICT;
CREATE INDEX break_glass_open ON break_glass (review_by) WHERE verdict IS NULL;

-- The last request of a subject that was approved.
CREATE INDEX task_of_subject ON task (subject_type, subject_id, status, decided_at);
