-- Since when nothing could be sent, for lack of a token for example; null: it could, or was not tried.
ALTER TABLE delivery ADD COLUMN unsent_since INTEGER;
-- few rows are in it, and none of them where all goes well
CREATE INDEX delivery_unsent ON delivery (webhook) WHERE state = 'waiting' AND unsent_since IS NOT NULL;
