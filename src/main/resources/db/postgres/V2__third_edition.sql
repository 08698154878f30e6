-- Deliveries that are acknowledged and not inserted: start the former version until there are none.
CREATE TABLE inserted_by_the_former_version (parts INTEGER CONSTRAINT start_the_former_version_once_to_insert_fan_outs CHECK (parts = 0));
INSERT INTO inserted_by_the_former_version SELECT count(*) FROM fan_out;
DROP TABLE inserted_by_the_former_version;
DROP TABLE fan_out;

-- Events for many webhooks of which some deliveries are not stored yet; the stored ones are not due.
CREATE TABLE incomplete_event (
  event      bigint NOT NULL PRIMARY KEY,
  written    INTEGER NOT NULL,                      -- how many deliveries are stored; -1: they are being removed
  written_at bigint NOT NULL,                      -- when the last part was stored
  deliveries TEXT    NOT NULL                       -- JSON: see StoredDeliveries
);
