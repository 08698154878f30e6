-- What accounts set up by the API: webhooks, OAuth clients, connections and keys. Definitions hold secrets, so they are
-- sealed as a whole.
CREATE TABLE definition (
  account    INTEGER NOT NULL REFERENCES account (key),
  kind       TEXT    NOT NULL,                      -- webhook, oauth-client, connection, api-key, signing-key
  name       TEXT    NOT NULL,
  version    TEXT    NOT NULL,                      -- another one with each change: the ETag
  sealed     BLOB    NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (account, kind, name)
) WITHOUT ROWID;

-- Who changed what, when; never a value.
CREATE TABLE audit (
  key     INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL REFERENCES account (key),
  at      INTEGER NOT NULL,
  actor   TEXT    NOT NULL,                         -- the name of the API key
  action  TEXT    NOT NULL,
  kind    TEXT    NOT NULL,
  name    TEXT    NOT NULL,
  detail  TEXT
);
CREATE INDEX audit_of_account ON audit (account);   -- and by the key, which every index ends with
CREATE INDEX audit_age ON audit (at);

-- Deliveries that are sent again in bulk, piece by piece; what is done is noted with what it did.
CREATE TABLE replay_job (
  id         TEXT    NOT NULL PRIMARY KEY,          -- ULID
  account    INTEGER NOT NULL REFERENCES account (key),
  state      TEXT    NOT NULL,                      -- running, done, cancelled
  filter     TEXT    NOT NULL,                      -- JSON
  new_ids    INTEGER NOT NULL,
  per_second INTEGER NOT NULL,
  actor      TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  ended_at   INTEGER,
  upto       TEXT    NOT NULL,                      -- deliveries made later are none of its business
  position   TEXT,                                  -- the last delivery that was looked at
  matched    INTEGER NOT NULL,                      -- counted when it was made, up to a limit
  replayed   INTEGER NOT NULL DEFAULT 0,
  left_out   INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX replay_job_of_account ON replay_job (account, id);
CREATE INDEX replay_job_running ON replay_job (id) WHERE state = 'running';

-- Of an attempt over HTTP: how long name, connection, TLS, waiting and the body took; JSON, milliseconds.
ALTER TABLE attempt ADD COLUMN timing TEXT;

-- Events newest first, by the key, which every index ends with.
CREATE INDEX event_of_account ON event (account);
