-- Whether it was disabled and no delivery has arrived since: one goes at a time.
ALTER TABLE webhook ADD COLUMN half_open boolean NOT NULL DEFAULT FALSE;
