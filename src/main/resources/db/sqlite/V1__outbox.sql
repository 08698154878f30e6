-- Times are milliseconds since 1970 UTC. Accounts and webhooks are kept once and referred to by number, so that the
-- big tables stay small and a renamed webhook is one changed row.

CREATE TABLE account (
  key INTEGER PRIMARY KEY,
  id  TEXT NOT NULL UNIQUE
);

-- What a webhook's definition does not hold: its run-time state.
CREATE TABLE webhook (
  key          INTEGER PRIMARY KEY,
  account      INTEGER NOT NULL REFERENCES account (key),
  name         TEXT    NOT NULL,
  state        TEXT    NOT NULL DEFAULT 'active',   -- active, paused, disabled
  reason       TEXT,
  since        INTEGER,
  hold_until   INTEGER,                             -- the receiver asked to wait
  paused_total INTEGER NOT NULL DEFAULT 0,          -- ms spent paused or disabled; ages do not count it
  UNIQUE (account, name)
);

CREATE TABLE event (
  key         INTEGER PRIMARY KEY,                  -- order of acceptance
  account     INTEGER NOT NULL REFERENCES account (key),
  source      TEXT    NOT NULL,
  id          TEXT    NOT NULL,
  type        TEXT    NOT NULL,
  subject     TEXT,
  time        INTEGER,
  accepted_at INTEGER NOT NULL,
  data_sha256 BLOB    NOT NULL,
  deliveries  INTEGER NOT NULL,
  document    BLOB,                                 -- null: the payload has expired
  UNIQUE (account, id, source)                      -- in this order, so that events are found by id alone too
);
CREATE INDEX event_payload ON event (accepted_at) WHERE document IS NOT NULL;
CREATE INDEX event_age ON event (accepted_at) WHERE document IS NULL;

CREATE TABLE delivery (
  id            TEXT    NOT NULL PRIMARY KEY,       -- ULID
  account       INTEGER NOT NULL,
  webhook       INTEGER NOT NULL REFERENCES webhook (key),
  event         INTEGER NOT NULL REFERENCES event (key),
  state         TEXT    NOT NULL,                   -- waiting, delivered, gave-up, skipped, discarded
  outcome       TEXT,
  reason        TEXT,
  attempts      INTEGER NOT NULL DEFAULT 0,
  base          INTEGER NOT NULL DEFAULT 0,         -- attempts before the last replay: the schedule starts anew there
  accepted_at   INTEGER NOT NULL,
  started_at    INTEGER NOT NULL,                   -- age counts from here: acceptance or last replay
  paused_before INTEGER NOT NULL DEFAULT 0,         -- the webhook's paused_total then
  due_at        INTEGER,
  ended_at      INTEGER,
  wait_field    TEXT,                               -- waits for a later event of its subject with this field
  wait_subject  TEXT,
  later         INTEGER REFERENCES event (key),     -- the event that brought it
  replay_of     TEXT
) WITHOUT ROWID;
CREATE INDEX delivery_due ON delivery (webhook, due_at) WHERE state = 'waiting';
CREATE INDEX delivery_waits ON delivery (account, wait_subject) WHERE state = 'waiting' AND wait_field IS NOT NULL;
CREATE INDEX delivery_of_webhook ON delivery (webhook, id);
CREATE INDEX delivery_of_account ON delivery (account, id);
CREATE INDEX delivery_of_event ON delivery (event);
-- what went wrong is rare and asked for often
CREATE INDEX delivery_trouble ON delivery (account, outcome, id) WHERE outcome <> 'delivered';
CREATE INDEX delivery_later ON delivery (later) WHERE later IS NOT NULL;

CREATE TABLE attempt (
  delivery   TEXT    NOT NULL REFERENCES delivery (id),
  number     INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ms         INTEGER NOT NULL,
  outcome    TEXT    NOT NULL,
  reason     TEXT    NOT NULL,
  note       TEXT,
  status     INTEGER,
  headers    TEXT,                                  -- JSON object
  body       BLOB,                                  -- at most 16 KiB
  PRIMARY KEY (delivery, number)
) WITHOUT ROWID;

-- Small things of the product itself, such as the last good set-up.
CREATE TABLE setting (
  name  TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) WITHOUT ROWID;
