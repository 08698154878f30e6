-- What was written last to a record of a third party, such as an enrichment or an upserted Task: an older event must not
-- overwrite a newer one. Records are named by a hash, since their names may be personal data.
CREATE TABLE written_record (
  account    INTEGER NOT NULL REFERENCES account (key),
  record     TEXT    NOT NULL,
  event_at   INTEGER NOT NULL,                      -- when the newest event that was delivered to it happened
  event_id   TEXT    NOT NULL,                      -- its CloudEvents id, for people
  written_at INTEGER NOT NULL,
  PRIMARY KEY (account, record)
) WITHOUT ROWID;
CREATE INDEX written_record_age ON written_record (written_at);

-- Numbered places, given to whoever comes first and kept: which enrichment of a session belongs to which call.
CREATE TABLE place (
  account INTEGER NOT NULL REFERENCES account (key),
  record  TEXT    NOT NULL,                         -- what has the places, such as a session
  member  TEXT    NOT NULL,                         -- whose place it is, such as a call
  number  INTEGER NOT NULL,                         -- from 1
  used_at INTEGER NOT NULL,
  PRIMARY KEY (account, record, member)
) WITHOUT ROWID;
CREATE INDEX place_age ON place (used_at);
