-- Portal sessions, by their links. What they allow, and who created them, is sealed.
CREATE TABLE portal_session (
  id           text COLLATE "C" PRIMARY KEY,
  account      int NOT NULL,
  sealed       text   NOT NULL,
  signed_in_at bigint,                              -- null: the link was not used
  used_at      bigint NOT NULL,                     -- of an unused link: its creation
  ends_at      bigint NOT NULL                      -- at the latest
);
CREATE INDEX portal_session_of_account ON portal_session (account, used_at);
CREATE INDEX portal_session_end ON portal_session (ends_at);

-- Ids of sessions of the console that were signed out, and of sign-ins that are complete, until they expire.
CREATE TABLE revoked_session (
  id      text COLLATE "C" PRIMARY KEY,
  ends_at bigint NOT NULL
);
CREATE INDEX revoked_session_end ON revoked_session (ends_at);

-- Session locks and heartbeats decide who owns a partition: see Partitions.
ALTER TABLE partition DROP COLUMN epoch;
