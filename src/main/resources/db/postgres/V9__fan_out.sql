-- Deliveries of an event for many webhooks that are acknowledged and not inserted yet, in parts. A part is removed in the
-- transaction that inserts its deliveries, so that each is inserted once. The owner of a partition inserts its parts.
CREATE TABLE fan_out (
  event      bigint   NOT NULL,
  partition  smallint NOT NULL,                     -- of its webhooks
  number     int      NOT NULL,
  account    int      NOT NULL,
  deliveries int      NOT NULL,
  waiting    int      NOT NULL,                     -- so many of them are to be sent; the others are skipped
  in_order   boolean  NOT NULL,                     -- whether some have a FIFO key
  members    text     NOT NULL,                     -- JSON: see FanOutPart
  PRIMARY KEY (event, partition, number)
);
CREATE INDEX fan_out_of_account ON fan_out (account, event, partition, number);
-- An event that goes in order asks whether its account has some of these.
CREATE INDEX fan_out_in_order ON fan_out (account) WHERE in_order;
