-- Events that brought a field which webhooks of their account wait for, by subject: a delivery born later finds it here.
-- Accounts without such webhooks have no rows.
CREATE TABLE brought (
  account INTEGER NOT NULL REFERENCES account (key),
  subject TEXT    NOT NULL,
  field   TEXT    NOT NULL,
  event   INTEGER NOT NULL REFERENCES event (key),
  PRIMARY KEY (account, subject, field, event)
) WITHOUT ROWID;
CREATE INDEX brought_by ON brought (event);
