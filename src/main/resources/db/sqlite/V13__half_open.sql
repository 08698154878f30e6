-- Whether it was disabled and no delivery has arrived since: one goes at a time.
ALTER TABLE webhook ADD COLUMN half_open INTEGER NOT NULL DEFAULT 0;
