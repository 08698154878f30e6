-- Deliveries of an event for many webhooks that are acknowledged and not inserted yet, in parts. A part is removed in the
-- transaction that inserts its deliveries, so that each is inserted once.
CREATE TABLE fan_out (
  event      INTEGER NOT NULL REFERENCES event (key),
  partition  INTEGER NOT NULL,                      -- of its webhooks; here always 0
  number     INTEGER NOT NULL,
  account    INTEGER NOT NULL REFERENCES account (key),
  deliveries INTEGER NOT NULL,
  waiting    INTEGER NOT NULL,                      -- so many of them are to be sent; the others are skipped
  in_order   BOOLEAN NOT NULL,                      -- whether some have a FIFO key
  members    TEXT    NOT NULL,                      -- JSON: see FanOutPart
  PRIMARY KEY (event, partition, number)
);
CREATE INDEX fan_out_of_account ON fan_out (account, event, partition, number);
-- An event that goes in order asks whether its account has some of these.
CREATE INDEX fan_out_in_order ON fan_out (account) WHERE in_order;
