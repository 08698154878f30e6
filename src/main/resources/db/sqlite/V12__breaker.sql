-- When a webhook's deliveries began to fail without one that arrived since; null: the last one arrived.
ALTER TABLE webhook ADD COLUMN unwell_since INTEGER;
