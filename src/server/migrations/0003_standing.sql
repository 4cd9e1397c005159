-- What a task has in common with others. `alike` names its group among the reviewers' requests; `scope` is what a standing
-- approval of it would be for, where its rule allows one. `waiting` is 1 as long as the task is pending.
CREATE TABLE kin (
  task TEXT PRIMARY KEY REFERENCES task (id),
  client TEXT NOT NULL,
  policy TEXT NOT NULL,
  rule TEXT NOT NULL,
  alike TEXT NOT NULL,
  scope TEXT,
  waiting INTEGER NOT NULL DEFAULT 1 CHECK (waiting IN (0, 1))
) STRICT;
CREATE INDEX kin_alike ON kin (alike) WHERE waiting = 1;
CREATE INDEX kin_rule ON kin (client, policy, rule) WHERE waiting = 1;
CREATE INDEX kin_scope ON kin (client, scope) WHERE scope IS NOT NULL;

-- What a reviewer agreed to beyond the one request, with their vote.
CREATE TABLE agreement (
  task TEXT NOT NULL REFERENCES task (id),
  iss TEXT NOT NULL,
  sub TEXT NOT NULL,
  uses INTEGER NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (task, iss, sub)
) STRICT, WITHOUT ROWID;

-- A standing approval: everyone of the quorum agreed to the same again. `used` counts the first request, too.
CREATE TABLE standing (
  id TEXT PRIMARY KEY,
  task TEXT NOT NULL UNIQUE REFERENCES task (id),
  client TEXT NOT NULL,
  policy TEXT NOT NULL,
  rule TEXT NOT NULL,
  rule_digest TEXT NOT NULL,
  scope TEXT NOT NULL,
  matcher TEXT NOT NULL,
  approvers TEXT NOT NULL,
  uses INTEGER NOT NULL,
  used INTEGER NOT NULL DEFAULT 1 CHECK (used BETWEEN 1 AND uses),
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  ended_at INTEGER,
  ended_why TEXT,
  ended_by TEXT
) STRICT;
CREATE INDEX standing_scope ON standing (client, scope) WHERE ended_at IS NULL;
CREATE INDEX standing_rule ON standing (client, policy, rule) WHERE ended_at IS NULL;
CREATE INDEX standing_newest ON standing (since);

CREATE TABLE standing_use (
  task TEXT PRIMARY KEY REFERENCES task (id),
  standing TEXT NOT NULL REFERENCES standing (id),
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE (standing, number)
) STRICT, WITHOUT ROWID;
