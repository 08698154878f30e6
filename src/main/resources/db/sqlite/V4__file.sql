-- Who manages a definition: api, or file, which is the configuration file.
ALTER TABLE definition ADD COLUMN managed_by text NOT NULL DEFAULT 'api';
