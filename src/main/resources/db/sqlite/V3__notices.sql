-- How a webhook does: deliveries that gave up one after the other, and since when it counts as failing.
ALTER TABLE webhook ADD COLUMN gave_up INTEGER NOT NULL DEFAULT 0;
ALTER TABLE webhook ADD COLUMN gave_up_since INTEGER;
ALTER TABLE webhook ADD COLUMN failing_since INTEGER;

-- What an account is to be told of and has not been yet; written together with what it is about.
CREATE TABLE notice (
  key        INTEGER PRIMARY KEY AUTOINCREMENT,
  webhook    INTEGER NOT NULL REFERENCES webhook (key),
  type       TEXT    NOT NULL,
  at         INTEGER NOT NULL,
  since      INTEGER NOT NULL,
  reason     TEXT    NOT NULL,
  deliveries INTEGER                                -- how many it is about, or null
);
