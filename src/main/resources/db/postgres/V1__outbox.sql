-- Times are milliseconds since 1970 UTC by the clocks of the instances, leases by the clock of the database. Accounts and
-- webhooks are kept once and referred to by number. Big tables have no foreign keys: their rows are only ever written
-- together with, or after, what they refer to.

CREATE TABLE account (
  key int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id  text COLLATE "C" NOT NULL UNIQUE
);

-- What a webhook's definition does not hold: its run-time state.
CREATE TABLE webhook (
  key           int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account       int      NOT NULL REFERENCES account (key),
  name          text COLLATE "C" NOT NULL,
  partition     smallint NOT NULL,                  -- of its account and name; who owns that sends its deliveries
  state         text     NOT NULL DEFAULT 'active', -- active, paused, disabled
  reason        text,
  since         bigint,
  hold_until    bigint,                             -- the receiver asked to wait
  paused_total  bigint   NOT NULL DEFAULT 0,        -- ms spent paused or disabled; ages do not count it
  gave_up       int      NOT NULL DEFAULT 0,        -- deliveries that gave up one after the other
  gave_up_since bigint,
  failing_since bigint,
  UNIQUE (account, name)
);

-- What needs a person: few, and asked for often.
CREATE INDEX webhook_trouble ON webhook (account) WHERE failing_since IS NOT NULL OR state <> 'active';

CREATE TABLE event (
  key         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account     int    NOT NULL,
  identity    bytea  NOT NULL,                      -- hashes of its id, then of id and source: both may be long
  source      text   NOT NULL,
  id          text   NOT NULL,
  type        text   NOT NULL,
  subject     text,
  time        bigint,
  accepted_at bigint NOT NULL,
  data_sha256 bytea  NOT NULL,
  deliveries  int    NOT NULL,
  document    bytea,                                -- null: the payload has expired
  UNIQUE (account, identity)
);
CREATE INDEX event_of_account ON event (account, key);
CREATE INDEX event_payload ON event (accepted_at, key) WHERE document IS NOT NULL;
CREATE INDEX event_age ON event (accepted_at, key) WHERE document IS NULL;

CREATE TABLE delivery (
  id            text COLLATE "C" PRIMARY KEY,       -- ULID
  account       int    NOT NULL,
  webhook       int    NOT NULL,
  event         bigint NOT NULL,
  state         text   NOT NULL,                    -- waiting, delivered, gave-up, skipped, discarded
  outcome       text,
  reason        text,
  status        int,                                -- of the last attempt's answer
  attempts      int    NOT NULL DEFAULT 0,
  base          int    NOT NULL DEFAULT 0,          -- attempts before the last replay: the schedule starts anew there
  accepted_at   bigint NOT NULL,
  started_at    bigint NOT NULL,                    -- age counts from here: acceptance or last replay
  paused_before bigint NOT NULL DEFAULT 0,          -- the webhook's paused_total then
  due_at        bigint,
  ended_at      bigint,                             -- null: it waits
  wait_field    text,                               -- waits for a later event of its subject with this field
  wait_subject  bytea,                              -- a hash of that subject
  later         bigint,                             -- the event that brought it
  replay_of     text,
  unsent_since  bigint                              -- since when nothing could be sent; null: it could, or was not tried
);
CREATE INDEX delivery_due ON delivery (webhook, due_at, id) WHERE state = 'waiting';
CREATE INDEX delivery_waits ON delivery (account, wait_subject) WHERE state = 'waiting' AND wait_field IS NOT NULL;
CREATE INDEX delivery_unsent ON delivery (webhook) WHERE state = 'waiting' AND unsent_since IS NOT NULL;
CREATE INDEX delivery_of_webhook ON delivery (webhook, id);
CREATE INDEX delivery_of_account ON delivery (account, id);
CREATE INDEX delivery_of_event ON delivery (event);
CREATE INDEX delivery_trouble ON delivery (account, outcome, id) WHERE outcome <> 'delivered';
CREATE INDEX delivery_later ON delivery (later) WHERE later IS NOT NULL;

-- By day, so that old ones are dropped and not deleted. What must stay longer moves on to the day on which that is found.
CREATE TABLE attempt (
  delivery   text COLLATE "C" NOT NULL,
  number     int    NOT NULL,
  day        int    NOT NULL,                       -- since 1970, of its start
  started_at bigint NOT NULL,
  ms         bigint NOT NULL,
  outcome    text   NOT NULL,
  reason     text   NOT NULL,
  note       text,
  status     int,
  headers    text,                                  -- JSON object
  body       bytea,                                 -- at most 16 KiB
  timing     text,                                  -- JSON, milliseconds: name, connection, TLS, waiting, body
  PRIMARY KEY (delivery, number, day)
) PARTITION BY LIST (day);

-- What an account is to be told of and has not been yet; written together with what it is about.
CREATE TABLE notice (
  key        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  webhook    int    NOT NULL REFERENCES webhook (key),
  type       text   NOT NULL,
  at         bigint NOT NULL,
  since      bigint NOT NULL,
  reason     text   NOT NULL,
  deliveries bigint                                 -- how many it is about, or null
);

-- Events that brought a field which webhooks of their account wait for, by subject: a delivery born later finds it here.
CREATE TABLE brought (
  account int    NOT NULL,
  subject bytea  NOT NULL,                          -- a hash
  field   text   NOT NULL,
  event   bigint NOT NULL,
  PRIMARY KEY (account, subject, field, event)
);
CREATE INDEX brought_by ON brought (event);

-- What was written last to a record of a third party; records are named by a hash.
CREATE TABLE written_record (
  account    int    NOT NULL,
  record     text COLLATE "C" NOT NULL,
  event_at   bigint NOT NULL,
  event_id   text   NOT NULL,
  written_at bigint NOT NULL,
  PRIMARY KEY (account, record)
);
CREATE INDEX written_record_age ON written_record (written_at);

-- Numbered places, given to whoever comes first and kept.
CREATE TABLE place (
  account int    NOT NULL,
  record  text COLLATE "C" NOT NULL,
  member  text COLLATE "C" NOT NULL,
  number  int    NOT NULL,
  used_at bigint NOT NULL,
  PRIMARY KEY (account, record, member)
);
CREATE INDEX place_age ON place (used_at);

-- Small things of the product itself, such as the last good set-up.
CREATE TABLE setting (
  name  text COLLATE "C" PRIMARY KEY,
  value bytea NOT NULL
);

-- What one instance makes for all, such as tokens: who makes the next one and until when he may, and the last one, sealed.
CREATE TABLE claim (
  name  text COLLATE "C" PRIMARY KEY,
  owner text COLLATE "C" NOT NULL,
  until timestamptz,
  made  bytea
);

-- What accounts set up by the API: webhooks, OAuth clients, connections and keys. Definitions hold secrets, so they are
-- sealed as a whole. Others find what was changed by its revision, what was removed too, whose row stays for a while.
CREATE TABLE definition (
  account    int    NOT NULL,
  kind       text COLLATE "C" NOT NULL,             -- webhook, oauth-client, connection, api-key, signing-key
  name       text COLLATE "C" NOT NULL,
  version    text   NOT NULL,                       -- another one with each change: the ETag
  sealed     bytea,                                 -- null: it was removed
  changed_at bigint NOT NULL,
  revision   bigint NOT NULL,
  PRIMARY KEY (account, kind, name)
);
CREATE INDEX definition_revision ON definition (revision);
CREATE INDEX definition_removed ON definition (changed_at) WHERE sealed IS NULL;

-- One row: the last revision. It is locked until the commit, so that revisions are seen in their order.
CREATE TABLE revision (
  last bigint NOT NULL
);
INSERT INTO revision (last) VALUES (0);

-- Who changed what, when; never a value.
CREATE TABLE audit (
  key     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account int    NOT NULL,
  at      bigint NOT NULL,
  actor   text   NOT NULL,                          -- the name of the API key
  action  text   NOT NULL,
  kind    text   NOT NULL,
  name    text   NOT NULL,
  detail  text
);
CREATE INDEX audit_of_account ON audit (account, key);
CREATE INDEX audit_age ON audit (at);

-- Deliveries that are sent again in bulk, piece by piece; what is done is noted with what it did.
CREATE TABLE replay_job (
  id         text COLLATE "C" PRIMARY KEY,          -- ULID
  account    int     NOT NULL,
  state      text    NOT NULL,                      -- running, done, cancelled
  filter     text    NOT NULL,                      -- JSON
  new_ids    boolean NOT NULL,
  per_second int     NOT NULL,
  actor      text    NOT NULL,
  created_at bigint  NOT NULL,
  ended_at   bigint,
  upto       text COLLATE "C" NOT NULL,             -- deliveries made later are none of its business
  position   text COLLATE "C",                      -- the last delivery that was looked at
  matched    bigint  NOT NULL,                      -- counted when it was made, up to a limit
  replayed   bigint  NOT NULL DEFAULT 0,
  left_out   bigint  NOT NULL DEFAULT 0
);
CREATE INDEX replay_job_of_account ON replay_job (account, id);
CREATE INDEX replay_job_running ON replay_job (id) WHERE state = 'running';
CREATE INDEX replay_job_age ON replay_job (ended_at);

-- How an account does, by the minute: counted as it happens. A sum over writers, each of which has a row of its own, so that
-- none waits for another. The last columns count attempts by how long they took; Latencies has the limits.
CREATE TABLE figure (
  account   int    NOT NULL,
  minute    bigint NOT NULL,                        -- minutes since 1970 UTC
  writer    text COLLATE "C" NOT NULL,
  events    bigint NOT NULL,
  delivered bigint NOT NULL,                        -- attempts by their outcome
  try_later bigint NOT NULL,
  gave_up   bigint NOT NULL,
  skipped   bigint NOT NULL,
  l0 bigint NOT NULL, l1 bigint NOT NULL, l2 bigint NOT NULL, l3 bigint NOT NULL,
  l4 bigint NOT NULL, l5 bigint NOT NULL, l6 bigint NOT NULL, l7 bigint NOT NULL,
  l8 bigint NOT NULL, l9 bigint NOT NULL, l10 bigint NOT NULL, l11 bigint NOT NULL,
  l12 bigint NOT NULL, l13 bigint NOT NULL, l14 bigint NOT NULL, l15 bigint NOT NULL,
  l16 bigint NOT NULL, l17 bigint NOT NULL, l18 bigint NOT NULL, l19 bigint NOT NULL,
  l20 bigint NOT NULL, l21 bigint NOT NULL, l22 bigint NOT NULL, l23 bigint NOT NULL,
  PRIMARY KEY (account, minute, writer)
);
CREATE INDEX figure_age ON figure (minute);

-- How many deliveries wait, as a sum: each writer has a row of its own, so that none waits for another.
CREATE TABLE waiting (
  writer text COLLATE "C" PRIMARY KEY,
  n      bigint NOT NULL
);

-- Who runs, and until when he may act on what he owns unless he says so again.
CREATE TABLE instance (
  id         text COLLATE "C" PRIMARY KEY,
  expires_at timestamptz NOT NULL
);

-- Who sends the deliveries of which webhooks. The epoch rises with every change of owner; an outcome is written only under
-- the epoch under which its try began.
CREATE TABLE partition (
  number smallint PRIMARY KEY,
  owner  text COLLATE "C",
  epoch  bigint NOT NULL DEFAULT 0
);
INSERT INTO partition (number) SELECT generate_series(0, 255);
