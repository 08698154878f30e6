-- Times are milliseconds since 1970 UTC by the clocks of the instances, leases by the clock of the database. Accounts and
-- resources are kept once and referred to by number. A name is a label: `resource` leads from it to a webhook; `audit` and
-- `fan_out` show it as it was when their row was written.
-- The big tables have no foreign keys: their rows are written together with, or after, those that they refer to.

CREATE TABLE account (
  key int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id  text COLLATE "C" NOT NULL UNIQUE
);

-- Webhooks, OAuth clients, connections, keys and event types: an id that never changes, and the name that leads to it.
CREATE TABLE resource (
  key        int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account    int NOT NULL REFERENCES account (key),
  kind       text COLLATE "C"    NOT NULL,                      -- webhook, oauth-client, connection, api-key, signing-key, event-type
  id         text COLLATE "C"    NOT NULL,
  name       text COLLATE "C"    NOT NULL,
  holds_name boolean DEFAULT TRUE,                  -- null: a renamed resource took the name
  UNIQUE (account, id),
  UNIQUE (account, kind, name, holds_name)
);

-- The run-time state of webhooks.
CREATE TABLE webhook (
  key            int PRIMARY KEY REFERENCES resource (key),
  account        int NOT NULL,
  partition      smallint NOT NULL,                   -- of its id; its owner sends its deliveries
  state          text    NOT NULL DEFAULT 'active',  -- active, paused, disabled
  reason         text,
  since          bigint,
  hold_until     bigint,                            -- the receiver asked to wait
  paused_total   bigint NOT NULL DEFAULT 0,         -- ms spent paused or disabled; ages do not count it
  recent         int    NOT NULL DEFAULT 1,         -- which of the last 20 attempts failed: see AttemptWindow
  degraded_since bigint,
  failing_since  bigint,
  unwell_since   bigint,                            -- of the first failure after the last success
  trouble        text,                              -- why the last failure was one
  half_open      boolean NOT NULL DEFAULT FALSE      -- it was disabled, and no delivery has arrived since
);
-- In the order of urgency: failing, disabled, degraded, paused.
CREATE INDEX webhook_trouble ON webhook (account, (CASE WHEN state = 'disabled' THEN 1
    WHEN state = 'paused' THEN 3 WHEN failing_since IS NOT NULL THEN 0 ELSE 2 END), key)
  WHERE degraded_since IS NOT NULL OR failing_since IS NOT NULL OR state <> 'active';

-- The JSON of events and attempts is shortened: see ShortJson.
CREATE TABLE event (
  key         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,                  -- order of acceptance
  account     int NOT NULL,
  identity    bytea   NOT NULL,                     -- hashes of its id, then of id and source: both may be long
  source      text    NOT NULL,
  id          text    NOT NULL,
  type        text    NOT NULL,
  subject     text,
  time        bigint,
  accepted_at bigint NOT NULL,
  data_sha256 bytea    NOT NULL,
  deliveries  int NOT NULL,
  trace       text,                                 -- the sender's traceparent
  document    bytea,                                 -- null: the payload has expired
  UNIQUE (account, identity)
);
CREATE INDEX event_of_account ON event (account, key);
CREATE INDEX event_payload ON event (accepted_at, key) WHERE document IS NOT NULL;
CREATE INDEX event_age ON event (accepted_at, key) WHERE document IS NULL;

CREATE TABLE delivery (
  key         bigint PRIMARY KEY,
  account     int NOT NULL,
  id          text COLLATE "C"    NOT NULL,                     -- ULID
  webhook     int NOT NULL,
  event       bigint NOT NULL,
  state       text    NOT NULL,                     -- waiting, delivered, gave-up, skipped, discarded
  outcome     text,                                 -- of the last attempt
  problem     text,                                 -- the outcome unless it is 'delivered': few rows have one
  reason      text,
  status      int,                              -- of the last response
  attempts    int NOT NULL DEFAULT 0,
  accepted_at bigint NOT NULL,
  due_at      bigint,                              -- as in its row of 'due', or in the last one that it had
  ended_at    bigint,                              -- null: it waits, and has a row of 'due'
  later       bigint,                              -- the event with the field that it waited for
  replay_of   text,
  fifo_key    text COLLATE "C",                                 -- a hash; deliveries of one key are sent in order
  kind        text,                                 -- test; edited: its event is an edited one of that of replay_of; null: neither
  UNIQUE (account, id)
);
-- An update of the end finds room in the page of the row, and touches no index.
ALTER TABLE delivery SET (fillfactor = 70);
CREATE SEQUENCE delivery_key INCREMENT BY 1000;
CREATE INDEX delivery_of_webhook ON delivery (webhook, id);
CREATE INDEX delivery_of_event ON delivery (event);
CREATE INDEX delivery_problem ON delivery (account, problem, id) WHERE problem IS NOT NULL;
CREATE INDEX delivery_problem_of_webhook ON delivery (webhook, problem, id) WHERE problem IS NOT NULL;
CREATE INDEX delivery_test ON delivery (account, id) WHERE kind = 'test';
CREATE INDEX delivery_test_of_webhook ON delivery (webhook, id) WHERE kind = 'test';
CREATE INDEX delivery_later ON delivery (later) WHERE later IS NOT NULL;

-- The deliveries that wait. Where all goes well it is small, and a delivery that arrives at once touches no other index twice.
CREATE TABLE due (
  webhook       int NOT NULL,
  due_at        bigint NOT NULL,                   -- year 9999: another delivery of its FIFO key goes first
  id            text COLLATE "C"    NOT NULL,
  delivery      bigint NOT NULL,
  account       int NOT NULL,
  attempts      int NOT NULL DEFAULT 0,
  base          int NOT NULL DEFAULT 0,         -- attempts before the last replay, from which the schedule counts
  started_at    bigint NOT NULL,                   -- age counts from here: acceptance or last replay
  paused_before bigint NOT NULL DEFAULT 0,         -- the webhook's paused_total then
  unsent_since  bigint,                            -- nothing could be sent since then
  wait_field    text,                               -- waits for a later event of its subject with this field
  wait_subject  bytea,                               -- a hash of that subject
  fifo_key      text COLLATE "C",
  fifo_place    bigint,                            -- in the order of acceptance; null: it was overtaken
  fifo_since    bigint,                            -- of its first failure
  PRIMARY KEY (webhook, due_at, id)
);
CREATE SEQUENCE fifo_place;
CREATE INDEX due_wait ON due (account, wait_subject) WHERE wait_field IS NOT NULL;
CREATE INDEX due_unsent ON due (webhook) WHERE unsent_since IS NOT NULL;
CREATE INDEX due_fifo ON due (webhook, fifo_key, fifo_place) WHERE fifo_place IS NOT NULL;

-- By day, so that old ones are dropped and not deleted. What must stay longer moves to the day on which that is found.
CREATE TABLE attempt (
  delivery     bigint NOT NULL,
  number       int NOT NULL,
  day          int    NOT NULL,                     -- since 1970, of its start
  started_at   bigint NOT NULL,
  ms           bigint NOT NULL,
  outcome      text    NOT NULL,
  reason       text    NOT NULL,
  note         text,
  status       int,
  headers      text,                                -- JSON object
  body         bytea,                                -- at most 16 KiB
  timing       text,                                -- JSON, milliseconds: name, connection, TLS, waiting, body
  request      text,                                -- JSON: method, URL, headers without secrets, size and hash of the body
  request_body bytea,                                -- its start, where the attempt failed
  PRIMARY KEY (delivery, number, day)
) PARTITION BY LIST (day);

-- Deliveries of an event for many webhooks that are acknowledged and not inserted yet, in parts. The transaction that
-- inserts a part's deliveries removes it, so that each is inserted once.
CREATE TABLE fan_out (
  event      bigint NOT NULL,
  partition  smallint NOT NULL,                      -- whose owner inserts it
  number     int NOT NULL,
  account    int NOT NULL,
  deliveries int NOT NULL,
  waiting    int NOT NULL,                      -- how many of them are to be sent; the others are skipped
  in_order   boolean NOT NULL,                      -- whether some have a FIFO key
  members    text    NOT NULL,                      -- JSON: see FanOutPart
  PRIMARY KEY (event, partition, number)
);
CREATE INDEX fan_out_of_account ON fan_out (account, event, partition, number);
CREATE INDEX fan_out_in_order ON fan_out (account) WHERE in_order;

-- Events with a field that webhooks of their account wait for, by subject.
CREATE TABLE field_arrival (
  account int NOT NULL,
  subject bytea    NOT NULL,                         -- a hash
  field   text    NOT NULL,
  event   bigint NOT NULL,
  PRIMARY KEY (account, subject, field, event)
);
CREATE INDEX field_arrival_of_event ON field_arrival (event);

-- The newest event that was delivered to a record of a third party: an older one must not overwrite it.
CREATE TABLE record_write (
  account    int NOT NULL,
  record     text COLLATE "C"    NOT NULL,                      -- a hash
  event_at   bigint NOT NULL,
  event_id   text    NOT NULL,                      -- its CloudEvents id
  written_at bigint NOT NULL,
  PRIMARY KEY (account, record)
);
CREATE INDEX record_write_age ON record_write (written_at);

-- Numbered slots of a record: which enrichment of a session belongs to which call.
CREATE TABLE record_slot (
  account int NOT NULL,
  record  text COLLATE "C"    NOT NULL,                         -- a hash
  member  text COLLATE "C"    NOT NULL,                         -- a call, for example
  number  int NOT NULL,                         -- from 1
  used_at bigint NOT NULL,
  PRIMARY KEY (account, record, member)
);
CREATE INDEX record_slot_age ON record_slot (used_at);

-- Events about a webhook that its account is to be notified of. The transaction of what they are about writes them.
CREATE TABLE system_event (
  key        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  webhook    int NOT NULL REFERENCES webhook (key),
  type       text    NOT NULL,
  at         bigint NOT NULL,
  since      bigint NOT NULL,
  reason     text    NOT NULL,
  deliveries int                                -- how many it is about, or null
);

-- Values of the product itself, such as the last good configuration.
CREATE TABLE setting (
  name  text COLLATE "C" NOT NULL PRIMARY KEY,
  value bytea NOT NULL
);

-- Resources that the API made. Definitions hold secrets, so they are sealed as a whole.
CREATE TABLE definition (
  resource   int PRIMARY KEY REFERENCES resource (key),
  version    text    NOT NULL,                      -- the ETag
  sealed     bytea,                                  -- null: it was removed
  changed_at bigint NOT NULL,
  revision   bigint NOT NULL                       -- of the change, in the order of commits
);
CREATE INDEX definition_revision ON definition (revision);
CREATE INDEX definition_removed ON definition (changed_at) WHERE sealed IS NULL;

-- One row: the last revision, locked until the commit.
CREATE TABLE revision (
  last bigint NOT NULL
);
INSERT INTO revision (last) VALUES (0);

-- Who changed what, when; never a value.
CREATE TABLE audit (
  key     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account int NOT NULL REFERENCES account (key),
  at      bigint NOT NULL,
  actor   text    NOT NULL,                         -- the name of the API key
  action  text    NOT NULL,
  kind    text    NOT NULL,
  name    text    NOT NULL,
  detail  text
);
CREATE INDEX audit_of_account ON audit (account, key);
CREATE INDEX audit_age ON audit (at);

-- Replays of many deliveries, which continue after a restart.
CREATE TABLE replay_job (
  id         text COLLATE "C"    NOT NULL PRIMARY KEY,          -- ULID
  account    int NOT NULL REFERENCES account (key),
  state      text    NOT NULL,                      -- running, done, canceled
  filter     text    NOT NULL,                      -- JSON
  new_ids    boolean NOT NULL,
  per_second int NOT NULL,
  actor      text    NOT NULL,
  created_at bigint NOT NULL,
  ended_at   bigint,
  max_id     text COLLATE "C"    NOT NULL,                      -- the last delivery that it may replay
  position   text COLLATE "C",                                  -- the last delivery that it has examined
  matched    bigint NOT NULL,                      -- counted at its start, up to a limit
  replayed   bigint NOT NULL DEFAULT 0,
  left_out   bigint NOT NULL DEFAULT 0
);
CREATE INDEX replay_job_of_account ON replay_job (account, id);
CREATE INDEX replay_job_running ON replay_job (id) WHERE state = 'running';
CREATE INDEX replay_job_age ON replay_job (ended_at);

-- Counts of an account by the minute, a row for each writer. The last columns count attempts by duration: see Latencies.
CREATE TABLE minute_stats (
  account   int NOT NULL,
  minute    bigint NOT NULL,                       -- minutes since 1970 UTC
  writer    text COLLATE "C"    NOT NULL,
  events    bigint NOT NULL,
  delivered bigint NOT NULL,                       -- attempts by their outcome
  try_later bigint NOT NULL,
  gave_up   bigint NOT NULL,
  skipped   bigint NOT NULL,
  l0 bigint NOT NULL, l1 bigint NOT NULL, l2 bigint NOT NULL, l3 bigint NOT NULL, l4 bigint NOT NULL,
  l5 bigint NOT NULL, l6 bigint NOT NULL, l7 bigint NOT NULL, l8 bigint NOT NULL, l9 bigint NOT NULL,
  l10 bigint NOT NULL, l11 bigint NOT NULL, l12 bigint NOT NULL, l13 bigint NOT NULL, l14 bigint NOT NULL,
  l15 bigint NOT NULL, l16 bigint NOT NULL, l17 bigint NOT NULL, l18 bigint NOT NULL, l19 bigint NOT NULL,
  l20 bigint NOT NULL, l21 bigint NOT NULL, l22 bigint NOT NULL, l23 bigint NOT NULL,
  PRIMARY KEY (account, minute, writer)
);
CREATE INDEX minute_stats_age ON minute_stats (minute);

-- How many deliveries wait, a row for each writer; the sum counts.
CREATE TABLE pending_count (
  writer text COLLATE "C" NOT NULL PRIMARY KEY,
  n      bigint NOT NULL
);

-- What one instance makes for all, such as tokens: who makes the next one and until when it may, and the last one, sealed.
CREATE TABLE claim (
  name  text COLLATE "C" PRIMARY KEY,
  owner text COLLATE "C" NOT NULL,
  until timestamptz,
  made  bytea
);

-- The instances that run, until when each may act without a renewal, and which generation of the configuration its file has.
CREATE TABLE instance (
  id         text COLLATE "C" PRIMARY KEY,
  expires_at timestamptz NOT NULL,
  config     bigint
);

-- Who owns the webhooks of which partition. The epoch rises with each change of owner; an outcome is written only under the
-- epoch under which its attempt began.
CREATE TABLE partition (
  number smallint PRIMARY KEY,
  owner  text COLLATE "C",
  epoch  bigint NOT NULL DEFAULT 0
);
INSERT INTO partition (number) SELECT generate_series(0, 255);
