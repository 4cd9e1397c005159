-- What is not kept here is as important: no payload but the masked excerpt, no token, no secret.

CREATE TABLE task (
  id TEXT PRIMARY KEY,
  client TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'approved', 'denied', 'expired', 'cancelled')),
  version INTEGER NOT NULL DEFAULT 1,
  subject_type TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  request_digest TEXT NOT NULL,
  display_digest TEXT NOT NULL,
  code TEXT NOT NULL,
  submission TEXT NOT NULL,
  grant_seconds INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  decided_at INTEGER,
  description TEXT,
  denial TEXT,
  question TEXT,
  question_by TEXT,
  question_at INTEGER,
  outcome TEXT,
  record_leaf INTEGER
) STRICT;
CREATE INDEX task_same ON task (request_digest, subject_id, client);
CREATE INDEX task_waiting ON task (status, expires_at);
CREATE INDEX task_subject ON task (client, subject_id, status);
CREATE INDEX task_newest ON task (created_at);

CREATE TABLE person (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL
) STRICT;

-- Every account known to be one human's. E-mail addresses collapse accounts into people; they never authorise.
CREATE TABLE identity_link (
  provider TEXT NOT NULL,
  tenant TEXT NOT NULL,
  external_id TEXT NOT NULL,
  person INTEGER NOT NULL REFERENCES person (id),
  email TEXT,
  canonical_email TEXT,
  UNIQUE (provider, tenant, external_id)
) STRICT;
CREATE INDEX identity_link_email ON identity_link (canonical_email);
CREATE INDEX identity_link_person ON identity_link (person);

CREATE TABLE vote (
  task TEXT NOT NULL REFERENCES task (id),
  person INTEGER NOT NULL REFERENCES person (id),
  iss TEXT NOT NULL,
  sub TEXT NOT NULL,
  email TEXT,
  name TEXT NOT NULL,
  groups TEXT NOT NULL,
  choice TEXT NOT NULL CHECK (choice IN ('approve', 'deny')),
  reason TEXT NOT NULL,
  channel TEXT NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE (task, person)
) STRICT;

CREATE TABLE answer (
  id INTEGER PRIMARY KEY,
  task TEXT NOT NULL REFERENCES task (id),
  question TEXT NOT NULL,
  text TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX answer_task ON answer (task);

CREATE TABLE approval (
  jti TEXT PRIMARY KEY,
  task TEXT NOT NULL UNIQUE REFERENCES task (id),
  client TEXT NOT NULL,
  state TEXT NOT NULL,
  approved_at INTEGER NOT NULL,
  approved_until INTEGER NOT NULL,
  max_uses INTEGER NOT NULL,
  used INTEGER NOT NULL DEFAULT 0 CHECK (used <= max_uses),
  revoked_at INTEGER,
  nonce TEXT,
  record_leaf INTEGER
) STRICT;

CREATE TABLE group_member_snapshot (
  at INTEGER NOT NULL,
  task TEXT NOT NULL,
  iss TEXT NOT NULL,
  sub TEXT NOT NULL,
  groups TEXT NOT NULL
) STRICT;

CREATE TABLE session (
  token_digest TEXT PRIMARY KEY,
  person TEXT NOT NULL,
  csrf TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE idempotency (
  keyid TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  key TEXT NOT NULL,
  body_digest TEXT NOT NULL,
  task TEXT,
  expires_at INTEGER NOT NULL,
  UNIQUE (keyid, method, path, key)
) STRICT;
CREATE INDEX idempotency_old ON idempotency (expires_at);

CREATE TABLE nonce (
  keyid TEXT NOT NULL,
  nonce TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (keyid, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX nonce_old ON nonce (seen_at);

-- Which filter may write to which chain; our own chain has an empty client.
CREATE TABLE chain (
  id TEXT PRIMARY KEY,
  client TEXT NOT NULL,
  opened_at INTEGER NOT NULL
) STRICT;
CREATE INDEX chain_of ON chain (client, opened_at);

-- The leaves of the one Merkle log. `leaf` counts from 0 without a gap.
CREATE TABLE audit_leaf (
  leaf INTEGER PRIMARY KEY,
  chain TEXT NOT NULL REFERENCES chain (id),
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  line TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  UNIQUE (chain, seq)
) STRICT;

CREATE TABLE checkpoint (
  size INTEGER PRIMARY KEY,
  root BLOB NOT NULL,
  note TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

-- Deliveries to chat, retried until they arrive.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  task TEXT NOT NULL REFERENCES task (id),
  channel TEXT NOT NULL,
  body TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  delivered_at INTEGER
) STRICT;

CREATE TABLE signing_key (
  kid TEXT PRIMARY KEY,
  jwk TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('current', 'next', 'retired')),
  since INTEGER NOT NULL
) STRICT;
