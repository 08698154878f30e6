-- Times are milliseconds since 1970 UTC. Accounts and resources are kept once and referred to by number, so that the big
-- tables stay small. A name is a label: `resource` leads from it to a webhook; `audit` and `fan_out` show it as it was when
-- their row was written.

CREATE TABLE account (
  key INTEGER PRIMARY KEY,
  id  TEXT NOT NULL UNIQUE
);

-- Webhooks, OAuth clients, connections, keys and event types: an id that never changes, and the name that leads to it.
CREATE TABLE resource (
  key        INTEGER PRIMARY KEY,
  account    INTEGER NOT NULL REFERENCES account (key),
  kind       TEXT    NOT NULL,                      -- webhook, oauth-client, connection, api-key, signing-key, event-type
  id         TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  holds_name BOOLEAN DEFAULT TRUE,                  -- null: a renamed resource took the name
  UNIQUE (account, id),
  UNIQUE (account, kind, name, holds_name)
);

-- The run-time state of webhooks.
CREATE TABLE webhook (
  key            INTEGER PRIMARY KEY REFERENCES resource (key),
  account        INTEGER NOT NULL,
  partition      INTEGER NOT NULL,                   -- of its id; its owner sends its deliveries
  state          TEXT    NOT NULL DEFAULT 'active',  -- active, paused, disabled
  reason         TEXT,
  since          INTEGER,
  hold_until     INTEGER,                            -- the receiver asked to wait
  paused_total   INTEGER NOT NULL DEFAULT 0,         -- ms spent paused or disabled; ages do not count it
  recent         INTEGER NOT NULL DEFAULT 1,         -- which of the last 20 attempts failed: see AttemptWindow
  degraded_since INTEGER,
  failing_since  INTEGER,
  unwell_since   INTEGER,                            -- of the first failure after the last success
  trouble        TEXT,                               -- why the last failure was one
  half_open      BOOLEAN NOT NULL DEFAULT FALSE      -- it was disabled, and no delivery has arrived since
);
-- In the order of urgency: failing, disabled, degraded, paused.
CREATE INDEX webhook_trouble ON webhook (account, (CASE WHEN state = 'disabled' THEN 1
    WHEN state = 'paused' THEN 3 WHEN failing_since IS NOT NULL THEN 0 ELSE 2 END), key)
  WHERE degraded_since IS NOT NULL OR failing_since IS NOT NULL OR state <> 'active';

-- The JSON of events and attempts is shortened: see ShortJson.
CREATE TABLE event (
  key         INTEGER PRIMARY KEY,                  -- order of acceptance
  account     INTEGER NOT NULL,
  source      TEXT    NOT NULL,
  id          TEXT    NOT NULL,
  type        TEXT    NOT NULL,
  subject     TEXT,
  time        INTEGER,
  accepted_at INTEGER NOT NULL,
  data_sha256 BLOB    NOT NULL,
  deliveries  INTEGER NOT NULL,
  trace       TEXT,                                 -- the sender's traceparent
  document    BLOB,                                 -- null: the payload has expired
  UNIQUE (account, id, source)                      -- in this order, so that an id alone finds them
);
CREATE INDEX event_of_account ON event (account);
CREATE INDEX event_payload ON event (accepted_at) WHERE document IS NOT NULL;
CREATE INDEX event_age ON event (accepted_at) WHERE document IS NULL;

CREATE TABLE delivery (
  key         INTEGER PRIMARY KEY,
  account     INTEGER NOT NULL,
  id          TEXT    NOT NULL,                     -- ULID
  webhook     INTEGER NOT NULL,
  event       INTEGER NOT NULL,
  state       TEXT    NOT NULL,                     -- waiting, delivered, gave-up, skipped, discarded
  outcome     TEXT,                                 -- of the last attempt
  problem     TEXT,                                 -- the outcome unless it is 'delivered': few rows have one
  reason      TEXT,
  status      INTEGER,                              -- of the last response
  attempts    INTEGER NOT NULL DEFAULT 0,
  accepted_at INTEGER NOT NULL,
  due_at      INTEGER,                              -- as in its row of 'due', or in the last one that it had
  ended_at    INTEGER,                              -- null: it waits, and has a row of 'due'
  later       INTEGER,                              -- the event with the field that it waited for
  replay_of   TEXT,
  fifo_key    TEXT,                                 -- a hash; deliveries of one key are sent in order
  kind        TEXT,                                 -- test; edited: its event is an edited one of that of replay_of; null: neither
  segment     INTEGER NOT NULL DEFAULT -1,          -- negative: it is not in the index by webhook yet
  UNIQUE (account, id)
);
-- Not of all deliveries: see DeliverySegments.
CREATE INDEX delivery_of_webhook ON delivery (segment, webhook, id) WHERE segment > 0;
CREATE INDEX delivery_of_event ON delivery (event);
CREATE INDEX delivery_problem ON delivery (account, problem, id) WHERE problem IS NOT NULL;
CREATE INDEX delivery_problem_of_webhook ON delivery (webhook, problem, id) WHERE problem IS NOT NULL;
CREATE INDEX delivery_test ON delivery (account, id) WHERE kind = 'test';
CREATE INDEX delivery_test_of_webhook ON delivery (webhook, id) WHERE kind = 'test';
CREATE INDEX delivery_later ON delivery (later) WHERE later IS NOT NULL;

-- The segments of the index by webhook.
CREATE TABLE segment (
  number   INTEGER PRIMARY KEY,                     -- from 1
  after_id TEXT    NOT NULL,                        -- its deliveries have greater ids, up to the next segment's after_id
  last_key INTEGER NOT NULL                         -- the deliveries up to this key are indexed; that of the newest segment counts
);
INSERT INTO segment (number, after_id, last_key) VALUES (1, '', 0);

-- The deliveries that wait. Where all goes well it is small, and a delivery that arrives at once touches no other index twice.
CREATE TABLE due (
  webhook       INTEGER NOT NULL,
  due_at        INTEGER NOT NULL,                   -- year 9999: another delivery of its FIFO key goes first
  id            TEXT    NOT NULL,
  delivery      INTEGER NOT NULL,
  account       INTEGER NOT NULL,
  attempts      INTEGER NOT NULL DEFAULT 0,
  base          INTEGER NOT NULL DEFAULT 0,         -- attempts before the last replay, from which the schedule counts
  started_at    INTEGER NOT NULL,                   -- age counts from here: acceptance or last replay
  paused_before INTEGER NOT NULL DEFAULT 0,         -- the webhook's paused_total then
  unsent_since  INTEGER,                            -- nothing could be sent since then
  wait_field    TEXT,                               -- waits for a later event of its subject with this field
  wait_subject  BLOB,                               -- a hash of that subject
  fifo_key      TEXT,
  fifo_place    INTEGER,                            -- in the order of acceptance; null: it was overtaken
  fifo_since    INTEGER,                            -- of its first failure
  PRIMARY KEY (webhook, due_at, id)
) WITHOUT ROWID;
CREATE INDEX due_wait ON due (account, wait_subject) WHERE wait_field IS NOT NULL;
CREATE INDEX due_unsent ON due (webhook) WHERE unsent_since IS NOT NULL;
CREATE INDEX due_fifo ON due (webhook, fifo_key, fifo_place) WHERE fifo_place IS NOT NULL;

-- By a key and not by delivery and number: a row is written in about the order of its key, and the pages of a table with an
-- integer key are then filled one after another. The neighbors in an index would be written again with each new page.
CREATE TABLE attempt (
  key          INTEGER PRIMARY KEY,                 -- delivery * 2^20 + number
  started_at   INTEGER NOT NULL,
  ms           INTEGER NOT NULL,
  outcome      TEXT    NOT NULL,
  reason       TEXT    NOT NULL,
  note         TEXT,
  status       INTEGER,
  headers      TEXT,                                -- JSON object
  body         BLOB,                                -- at most 16 KiB
  timing       TEXT,                                -- JSON, milliseconds: name, connection, TLS, waiting, body
  request      TEXT,                                -- JSON: method, URL, headers without secrets, size and hash of the body
  request_body BLOB,                                -- its start, where the attempt failed
  delivery     INTEGER AS (key >> 20),              -- computed columns are the last ones: else .recover of sqlite3 fails
  number       INTEGER AS (key & 1048575)
);

-- Deliveries of an event for many webhooks that are acknowledged and not inserted yet, in parts. The transaction that
-- inserts a part's deliveries removes it, so that each is inserted once.
CREATE TABLE fan_out (
  event      INTEGER NOT NULL,
  partition  INTEGER NOT NULL,                      -- whose owner inserts it
  number     INTEGER NOT NULL,
  account    INTEGER NOT NULL,
  deliveries INTEGER NOT NULL,
  waiting    INTEGER NOT NULL,                      -- how many of them are to be sent; the others are skipped
  in_order   BOOLEAN NOT NULL,                      -- whether some have a FIFO key
  members    TEXT    NOT NULL,                      -- JSON: see FanOutPart
  PRIMARY KEY (event, partition, number)
);
CREATE INDEX fan_out_of_account ON fan_out (account, event, partition, number);
CREATE INDEX fan_out_in_order ON fan_out (account) WHERE in_order;

-- Events with a field that webhooks of their account wait for, by subject.
CREATE TABLE field_arrival (
  account INTEGER NOT NULL,
  subject BLOB    NOT NULL,                         -- a hash
  field   TEXT    NOT NULL,
  event   INTEGER NOT NULL,
  PRIMARY KEY (account, subject, field, event)
) WITHOUT ROWID;
CREATE INDEX field_arrival_of_event ON field_arrival (event);

-- The newest event that was delivered to a record of a third party: an older one must not overwrite it.
CREATE TABLE record_write (
  account    INTEGER NOT NULL,
  record     TEXT    NOT NULL,                      -- a hash
  event_at   INTEGER NOT NULL,
  event_id   TEXT    NOT NULL,                      -- its CloudEvents id
  written_at INTEGER NOT NULL,
  PRIMARY KEY (account, record)
) WITHOUT ROWID;
CREATE INDEX record_write_age ON record_write (written_at);

-- Numbered slots of a record: which enrichment of a session belongs to which call.
CREATE TABLE record_slot (
  account INTEGER NOT NULL,
  record  TEXT    NOT NULL,                         -- a hash
  member  TEXT    NOT NULL,                         -- a call, for example
  number  INTEGER NOT NULL,                         -- from 1
  used_at INTEGER NOT NULL,
  PRIMARY KEY (account, record, member)
) WITHOUT ROWID;
CREATE INDEX record_slot_age ON record_slot (used_at);

-- Events about a webhook that its account is to be notified of. The transaction of what they are about writes them.
CREATE TABLE system_event (
  key        INTEGER PRIMARY KEY AUTOINCREMENT,
  webhook    INTEGER NOT NULL REFERENCES webhook (key),
  type       TEXT    NOT NULL,
  at         INTEGER NOT NULL,
  since      INTEGER NOT NULL,
  reason     TEXT    NOT NULL,
  deliveries INTEGER                                -- how many it is about, or null
);

-- Values of the product itself, such as the last good configuration.
CREATE TABLE setting (
  name  TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) WITHOUT ROWID;

-- Resources that the API made. Definitions hold secrets, so they are sealed as a whole.
CREATE TABLE definition (
  resource   INTEGER PRIMARY KEY REFERENCES resource (key),
  version    TEXT    NOT NULL,                      -- the ETag
  sealed     BLOB,                                  -- null: it was removed
  changed_at INTEGER NOT NULL,
  revision   INTEGER NOT NULL                       -- of the change, in the order of commits
);
CREATE INDEX definition_revision ON definition (revision);
CREATE INDEX definition_removed ON definition (changed_at) WHERE sealed IS NULL;

-- One row: the last revision, locked until the commit.
CREATE TABLE revision (
  last INTEGER NOT NULL
);
INSERT INTO revision (last) VALUES (0);

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
CREATE INDEX audit_of_account ON audit (account);
CREATE INDEX audit_age ON audit (at);

-- Replays of many deliveries, which continue after a restart.
CREATE TABLE replay_job (
  id         TEXT    NOT NULL PRIMARY KEY,          -- ULID
  account    INTEGER NOT NULL REFERENCES account (key),
  state      TEXT    NOT NULL,                      -- running, done, canceled
  filter     TEXT    NOT NULL,                      -- JSON
  new_ids    BOOLEAN NOT NULL,
  per_second INTEGER NOT NULL,
  actor      TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  ended_at   INTEGER,
  max_id     TEXT    NOT NULL,                      -- the last delivery that it may replay
  position   TEXT,                                  -- the last delivery that it has examined
  matched    INTEGER NOT NULL,                      -- counted at its start, up to a limit
  replayed   INTEGER NOT NULL DEFAULT 0,
  left_out   INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX replay_job_of_account ON replay_job (account, id);
CREATE INDEX replay_job_running ON replay_job (id) WHERE state = 'running';
CREATE INDEX replay_job_age ON replay_job (ended_at);

-- Counts of an account by the minute, a row for each writer. The last columns count attempts by duration: see Latencies.
CREATE TABLE minute_stats (
  account   INTEGER NOT NULL,
  minute    INTEGER NOT NULL,                       -- minutes since 1970 UTC
  writer    TEXT    NOT NULL,
  events    INTEGER NOT NULL,
  delivered INTEGER NOT NULL,                       -- attempts by their outcome
  try_later INTEGER NOT NULL,
  gave_up   INTEGER NOT NULL,
  skipped   INTEGER NOT NULL,
  l0 INTEGER NOT NULL, l1 INTEGER NOT NULL, l2 INTEGER NOT NULL, l3 INTEGER NOT NULL, l4 INTEGER NOT NULL,
  l5 INTEGER NOT NULL, l6 INTEGER NOT NULL, l7 INTEGER NOT NULL, l8 INTEGER NOT NULL, l9 INTEGER NOT NULL,
  l10 INTEGER NOT NULL, l11 INTEGER NOT NULL, l12 INTEGER NOT NULL, l13 INTEGER NOT NULL, l14 INTEGER NOT NULL,
  l15 INTEGER NOT NULL, l16 INTEGER NOT NULL, l17 INTEGER NOT NULL, l18 INTEGER NOT NULL, l19 INTEGER NOT NULL,
  l20 INTEGER NOT NULL, l21 INTEGER NOT NULL, l22 INTEGER NOT NULL, l23 INTEGER NOT NULL,
  PRIMARY KEY (account, minute, writer)
) WITHOUT ROWID;
CREATE INDEX minute_stats_age ON minute_stats (minute);

-- How many deliveries wait, a row for each writer; the sum counts.
CREATE TABLE pending_count (
  writer TEXT NOT NULL PRIMARY KEY,
  n      INTEGER NOT NULL
) WITHOUT ROWID;
