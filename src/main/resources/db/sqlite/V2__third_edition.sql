-- Portal sessions, by their links. What they allow, and who created them, is sealed.
CREATE TABLE portal_session (
  id           TEXT    NOT NULL PRIMARY KEY,
  account      INTEGER NOT NULL,
  sealed       TEXT    NOT NULL,
  signed_in_at INTEGER,                             -- null: the link was not used
  used_at      INTEGER NOT NULL,                    -- of an unused link: its creation
  ends_at      INTEGER NOT NULL                     -- at the latest
) WITHOUT ROWID;
CREATE INDEX portal_session_of_account ON portal_session (account, used_at);
CREATE INDEX portal_session_end ON portal_session (ends_at);

-- Ids of sessions of the console that were signed out, and of sign-ins that are complete, until they expire.
CREATE TABLE revoked_session (
  id      TEXT    NOT NULL PRIMARY KEY,
  ends_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX revoked_session_end ON revoked_session (ends_at);

-- Deliveries that are acknowledged and not inserted: start the former version until there are none.
CREATE TABLE inserted_by_the_former_version (parts INTEGER CONSTRAINT start_the_former_version_once_to_insert_fan_outs CHECK (parts = 0));
INSERT INTO inserted_by_the_former_version SELECT count(*) FROM fan_out;
DROP TABLE inserted_by_the_former_version;
DROP TABLE fan_out;

-- Events for many webhooks of which some deliveries are not stored yet; the stored ones are not due.
CREATE TABLE incomplete_event (
  event      INTEGER NOT NULL PRIMARY KEY,
  written    INTEGER NOT NULL,                      -- how many deliveries are stored; -1: they are being removed
  written_at INTEGER NOT NULL,                      -- when the last part was stored
  deliveries TEXT    NOT NULL                       -- JSON: see StoredDeliveries
);
