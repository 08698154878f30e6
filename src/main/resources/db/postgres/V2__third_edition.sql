-- Instances of an older version do not know these tables.
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM instance WHERE expires_at > clock_timestamp()) THEN
    RAISE EXCEPTION 'instances of an older version use it; stop them all, and start again after webhooks.store.lease';
  END IF;
END $$;

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

-- Ids of sessions of the console that were signed out, and of sign-ins that are complete, until a day after they expire.
CREATE TABLE revoked_session (
  id         text COLLATE "C" PRIMARY KEY,
  holder     text   NOT NULL,                    -- hash of the key that signed in; of a portal session the account's id
  revoked_at bigint NOT NULL,
  ends_at    bigint NOT NULL
);
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
  event      bigint NOT NULL PRIMARY KEY,
  account    int NOT NULL,
  written_at bigint NOT NULL                       -- when its last delivery was stored; 0: they are being removed
);

-- By kind of attempt, so that a read of one kind passes no rows of the other.
ALTER TABLE due ADD COLUMN retry boolean NOT NULL DEFAULT FALSE; -- whether an attempt was made: attempts > 0 in its row of 'delivery'
UPDATE due SET retry = TRUE WHERE attempts > 0;
ALTER TABLE due DROP COLUMN attempts, DROP CONSTRAINT due_pkey, ADD PRIMARY KEY (webhook, retry, due_at, id);

-- The filter of a replay is one of deliveries.
UPDATE replay_job SET filter = (SELECT json_build_object('webhook', f ->> 'webhook', 'eventType', f ->> 'eventType',
  'standing', CASE WHEN f ->> 'state' = 'discarded' THEN 'discarded' WHEN f ->> 'state' IS NOT NULL THEN 'ended'
    WHEN (f ->> 'undelivered')::boolean THEN 'undelivered' END,
  'outcome', coalesce(f ->> 'outcome', nullif(f ->> 'state', 'discarded')), 'from', f ->> 'from',
  'to', f ->> 'to', 'status', (f ->> 'httpStatus')::int) FROM (SELECT filter::json f) x)::text;

ALTER TABLE audit ADD COLUMN actor_kind text NOT NULL DEFAULT 'api-key', -- api-key, user, portal-session, operator, jmx
  ADD COLUMN actor_id text;

-- Session locks and heartbeats decide who owns a partition: see Partitions.
ALTER TABLE partition DROP COLUMN epoch;
