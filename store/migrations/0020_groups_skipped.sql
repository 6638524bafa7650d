-- The object id of a group whose members cannot be read; '' for a mailbox.
ALTER TABLE skipped ADD COLUMN object TEXT NOT NULL DEFAULT '';
