-- What reviewers find a request by. All of it stands in the submission as well, masked; here it has indexes. Requests that are
-- older than this table are entered when the service starts.
CREATE TABLE facet (
  task TEXT PRIMARY KEY REFERENCES task (id),
  agent TEXT NOT NULL,
  workload TEXT NOT NULL,
  class TEXT NOT NULL,
  policy TEXT NOT NULL,
  rule TEXT NOT NULL,
  authority TEXT NOT NULL,
  resource TEXT NOT NULL,
  words TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX facet_agent ON facet (agent, created_at);
CREATE INDEX facet_class ON facet (class, created_at);
CREATE INDEX facet_rule ON facet (policy, rule, created_at);
CREATE INDEX facet_authority ON facet (authority, created_at);
CREATE INDEX facet_newest ON facet (created_at);

-- History is read by what happened last: the decision, or else the asking.
CREATE INDEX task_latest ON task ((coalesce(decided_at, created_at)), id);
-- What a page showed that turns out to be of another request.
CREATE INDEX task_display ON task (display_digest);
CREATE INDEX vote_of ON vote (iss, sub);

-- How a reviewer wants to be told that something arrived, while the inbox is open.
CREATE TABLE preference (
  iss TEXT NOT NULL,
  sub TEXT NOT NULL,
  cue TEXT NOT NULL CHECK (cue IN ('none', 'title', 'sound')),
  about TEXT NOT NULL CHECK (about IN ('all', 'irreversible', 'urgent')),
  PRIMARY KEY (iss, sub)
) STRICT, WITHOUT ROWID;
