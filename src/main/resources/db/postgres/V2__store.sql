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
