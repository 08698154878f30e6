-- By kind of attempt, so that a read of one kind passes no rows of the other.
ALTER TABLE due ADD COLUMN retry boolean NOT NULL DEFAULT FALSE; -- whether an attempt was made: attempts > 0 in its row of 'delivery'
UPDATE due SET retry = TRUE WHERE attempts > 0;
ALTER TABLE due DROP COLUMN attempts, DROP CONSTRAINT due_pkey, ADD PRIMARY KEY (webhook, retry, due_at, id);

ALTER TABLE audit ADD COLUMN actor_kind text NOT NULL DEFAULT 'api-key', -- api-key, user, portal-session, operator, jmx
  ADD COLUMN actor_id text;
