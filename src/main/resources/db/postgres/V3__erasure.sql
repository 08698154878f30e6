-- Erasures, and their receipts. What they erase is there only as a keyed digest.
CREATE TABLE erasure (
  id         text COLLATE "C" NOT NULL PRIMARY KEY,          -- ULID
  account    int    NOT NULL REFERENCES account (key),
  field      text    NOT NULL,                      -- a dotted path of the event, or 'source and id'
  digest     text    NOT NULL,
  actor      text    NOT NULL,
  created_at bigint NOT NULL,
  ended_at   bigint,                               -- null: it runs
  max_key    bigint NOT NULL,                      -- the last event that it may erase
  position   bigint NOT NULL,                      -- the last event that it has examined
  begun      bigint NOT NULL DEFAULT 0,            -- the last event of a step that has begun to erase
  examined   bigint NOT NULL DEFAULT 0,
  unsearched bigint NOT NULL DEFAULT 0,            -- events without payload, where the field is one of the data
  events     bigint NOT NULL DEFAULT 0,
  deliveries bigint NOT NULL DEFAULT 0,
  canceled   bigint NOT NULL DEFAULT 0,
  first_at   bigint,                               -- times of the erased events
  last_at    bigint,
  cleaned    text                                   -- what was done with the files of the store
);
CREATE INDEX erasure_of_account ON erasure (account, id);
CREATE INDEX erasure_running ON erasure (id) WHERE ended_at IS NULL;
CREATE INDEX erasure_age ON erasure (ended_at);

-- What was made of an event leads to it.
CREATE INDEX delivery_edited ON delivery (account, replay_of) WHERE kind = 'edited';
CREATE INDEX record_write_event ON record_write (account, event_id);
CREATE INDEX record_slot_member ON record_slot (account, member);
