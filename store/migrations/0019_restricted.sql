-- What Exchange was told of a registration, and when that was proven.
ALTER TABLE restrictions ADD COLUMN wanted TEXT NOT NULL DEFAULT ''; -- fingerprint; '': not known
ALTER TABLE restrictions ADD COLUMN proven_at INTEGER NOT NULL DEFAULT 0; -- 0: not yet
