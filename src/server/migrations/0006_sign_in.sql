-- Who signed in, how, and what that told. A token is kept only as a digest; an ID token only where logging out of the
-- identity provider needs it.
ALTER TABLE session ADD COLUMN iss TEXT;
ALTER TABLE session ADD COLUMN sub TEXT;
ALTER TABLE session ADD COLUMN sid TEXT;
ALTER TABLE session ADD COLUMN auth_time INTEGER;
ALTER TABLE session ADD COLUMN acr TEXT;
ALTER TABLE session ADD COLUMN id_token TEXT;
CREATE INDEX session_account ON session (iss, sub);

-- A sign-in that somebody began at a browser, and has not come back from.
CREATE TABLE sign_in (
  state_digest TEXT PRIMARY KEY,
  browser_digest TEXT NOT NULL,
  provider TEXT NOT NULL,
  nonce TEXT NOT NULL,
  verifier TEXT NOT NULL,
  next TEXT NOT NULL,
  again TEXT,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_end ON sign_in (expires_at);

-- The groups that the last sign-in of an account told, and when.
CREATE TABLE membership (
  iss TEXT NOT NULL,
  sub TEXT NOT NULL,
  groups TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (iss, sub)
) STRICT;

-- Logout tokens that were taken: each counts once.
CREATE TABLE logout_token (
  iss TEXT NOT NULL,
  jti TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (iss, jti)
) STRICT;

-- A command line that wants a session (RFC 8628).
CREATE TABLE device_login (
  device_digest TEXT PRIMARY KEY,
  user_code TEXT NOT NULL UNIQUE,
  machine TEXT NOT NULL,
  address TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'allowed', 'denied')),
  session TEXT,
  pace INTEGER NOT NULL,
  polled_at INTEGER,
  expires_at INTEGER NOT NULL
) STRICT;
