-- Deliveries of one key of a webhook that go one after the other. Only the first of them has a due time; the others are due
-- in the year 9999, so that no read of what is due meets them. Who adds to a key, or ends what is of it, locks it first.
ALTER TABLE delivery ADD COLUMN fifo_key text COLLATE "C"; -- a hash of the key's value; null: it waits for nobody
ALTER TABLE delivery ADD COLUMN fifo_place bigint;         -- in the order of acceptance; null: it has ended, or was overtaken
ALTER TABLE delivery ADD COLUMN fifo_since bigint;         -- when it failed first, which others wait for
CREATE INDEX delivery_fifo ON delivery (webhook, fifo_key, fifo_place) WHERE fifo_place IS NOT NULL;
CREATE SEQUENCE fifo_place;
