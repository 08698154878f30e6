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

-- Ids of sessions of the console that were signed out, and of sign-ins that are complete, until a day after they expire.
CREATE TABLE revoked_session (
  id         TEXT    NOT NULL PRIMARY KEY,
  holder     TEXT    NOT NULL,                    -- hash of the key that signed in; of a portal session the account's id
  revoked_at INTEGER NOT NULL,
  ends_at    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX revoked_session_of_holder ON revoked_session (holder, ends_at);
CREATE INDEX revoked_session_time ON revoked_session (revoked_at);
CREATE INDEX revoked_session_end ON revoked_session (ends_at);

-- Deliveries that are acknowledged and not inserted: start the former version until there are none.
CREATE TABLE inserted_by_the_former_version (parts INTEGER CONSTRAINT start_the_former_version_once_to_insert_fan_outs CHECK (parts = 0));
INSERT INTO inserted_by_the_former_version SELECT count(*) FROM fan_out;
DROP TABLE inserted_by_the_former_version;
DROP TABLE fan_out;

-- Events for many webhooks of which only some deliveries are stored. Their rows of 'event' and 'due' come with the last ones.
CREATE TABLE incomplete_event (
  event      INTEGER NOT NULL PRIMARY KEY,
  account    INTEGER NOT NULL,
  written_at INTEGER NOT NULL                       -- when its last delivery was stored; 0: they are being removed
);

-- By kind of attempt, so that a read of one kind passes no rows of the other.
CREATE TABLE due_by_kind (
  webhook       INTEGER NOT NULL,
  retry         BOOLEAN NOT NULL DEFAULT FALSE,     -- whether an attempt was made: attempts > 0 in its row of 'delivery'
  due_at        INTEGER NOT NULL,                   -- year 9999: another delivery of its FIFO key goes first
  id            TEXT    NOT NULL,
  delivery      INTEGER NOT NULL,
  account       INTEGER NOT NULL,
  base          INTEGER NOT NULL DEFAULT 0,         -- attempts before the last replay, from which the schedule counts
  started_at    INTEGER NOT NULL,                   -- age counts from here: acceptance or last replay
  paused_before INTEGER NOT NULL DEFAULT 0,         -- the webhook's paused_total then
  unsent_since  INTEGER,                            -- nothing could be sent since then
  wait_field    TEXT,                               -- waits for a later event of its subject with this field
  wait_subject  BLOB,                               -- a hash of that subject
  fifo_key      TEXT,
  fifo_place    INTEGER,                            -- in the order of acceptance; null: it was overtaken
  fifo_since    INTEGER,                            -- of its first failure
  PRIMARY KEY (webhook, retry, due_at, id)
) WITHOUT ROWID;
INSERT INTO due_by_kind SELECT webhook, attempts > 0, due_at, id, delivery, account, base, started_at, paused_before,
  unsent_since, wait_field, wait_subject, fifo_key, fifo_place, fifo_since FROM due ORDER BY 1, 2, 3, 4;
DROP TABLE due;
ALTER TABLE due_by_kind RENAME TO due;
CREATE INDEX due_wait ON due (account, wait_subject) WHERE wait_field IS NOT NULL;
CREATE INDEX due_unsent ON due (webhook) WHERE unsent_since IS NOT NULL;
CREATE INDEX due_fifo ON due (webhook, fifo_key, fifo_place) WHERE fifo_place IS NOT NULL;

-- The filter of a replay is one of deliveries.
UPDATE replay_job SET filter = json_object('webhook', filter ->> 'webhook', 'eventType', filter ->> 'eventType',
  'standing', CASE WHEN filter ->> 'state' = 'discarded' THEN 'discarded' WHEN filter ->> 'state' IS NOT NULL THEN 'ended'
    WHEN filter ->> 'undelivered' THEN 'undelivered' END,
  'outcome', coalesce(filter ->> 'outcome', nullif(filter ->> 'state', 'discarded')), 'from', filter ->> 'from',
  'to', filter ->> 'to', 'status', filter ->> 'httpStatus');

ALTER TABLE audit ADD COLUMN actor_kind TEXT NOT NULL DEFAULT 'api-key'; -- api-key, user, portal-session, operator, jmx
ALTER TABLE audit ADD COLUMN actor_id TEXT;
