-- How an account does, by the minute: counted as it happens, since counting rows later would take longer the more there are.
-- The last columns count attempts by how long they took; Latencies has the limits.
CREATE TABLE figure (
  account   INTEGER NOT NULL REFERENCES account (key),
  minute    INTEGER NOT NULL,                       -- minutes since 1970 UTC
  events    INTEGER NOT NULL,
  delivered INTEGER NOT NULL,                       -- attempts by their outcome
  try_later INTEGER NOT NULL,
  gave_up   INTEGER NOT NULL,
  skipped   INTEGER NOT NULL,
  l0 INTEGER NOT NULL, l1 INTEGER NOT NULL, l2 INTEGER NOT NULL, l3 INTEGER NOT NULL, l4 INTEGER NOT NULL,
  l5 INTEGER NOT NULL, l6 INTEGER NOT NULL, l7 INTEGER NOT NULL, l8 INTEGER NOT NULL, l9 INTEGER NOT NULL,
  l10 INTEGER NOT NULL, l11 INTEGER NOT NULL, l12 INTEGER NOT NULL, l13 INTEGER NOT NULL, l14 INTEGER NOT NULL,
  l15 INTEGER NOT NULL, l16 INTEGER NOT NULL, l17 INTEGER NOT NULL, l18 INTEGER NOT NULL, l19 INTEGER NOT NULL,
  l20 INTEGER NOT NULL, l21 INTEGER NOT NULL, l22 INTEGER NOT NULL, l23 INTEGER NOT NULL,
  PRIMARY KEY (account, minute)
) WITHOUT ROWID;
CREATE INDEX figure_age ON figure (minute);

-- What needs a person: few, and asked for often.
CREATE INDEX webhook_trouble ON webhook (account) WHERE failing_since IS NOT NULL OR state <> 'active';
