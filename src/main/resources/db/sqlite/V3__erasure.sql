-- Erasures, and their receipts. What they erase is there only as a keyed digest.
CREATE TABLE erasure (
  id         TEXT    NOT NULL PRIMARY KEY,          -- ULID
  account    INTEGER NOT NULL REFERENCES account (key),
  field      TEXT    NOT NULL,                      -- a dotted path of the event, or 'source and id'
  digest     TEXT    NOT NULL,
  actor      TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  ended_at   INTEGER,                               -- null: it runs
  max_key    INTEGER NOT NULL,                      -- the last event that it may erase
  position   INTEGER NOT NULL,                      -- the last event that it has examined
  begun      INTEGER NOT NULL DEFAULT 0,            -- the last event of a step that has begun to erase
  examined   INTEGER NOT NULL DEFAULT 0,
  unsearched INTEGER NOT NULL DEFAULT 0,            -- events without payload, where the field is one of the data
  events     INTEGER NOT NULL DEFAULT 0,
  deliveries INTEGER NOT NULL DEFAULT 0,
  canceled   INTEGER NOT NULL DEFAULT 0,
  first_at   INTEGER,                               -- times of the erased events
  last_at    INTEGER,
  cleaned    TEXT                                   -- what was done with the files of the store
) WITHOUT ROWID;
CREATE INDEX erasure_of_account ON erasure (account, id);
CREATE INDEX erasure_running ON erasure (id) WHERE ended_at IS NULL;
CREATE INDEX erasure_age ON erasure (ended_at);

-- What was made of an event leads to it.
CREATE INDEX delivery_edited ON delivery (account, replay_of) WHERE kind = 'edited';
CREATE INDEX record_write_event ON record_write (account, event_id);
CREATE INDEX record_slot_member ON record_slot (account, member);
