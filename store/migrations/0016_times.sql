-- When each item is, so that a span of time is found without reading every body.
-- NULL: nobody has looked yet (items from before this migration); 0: it has no time.
ALTER TABLE items ADD COLUMN starts_at INTEGER;
ALTER TABLE items ADD COLUMN ends_at INTEGER;
CREATE INDEX items_time ON items (feed, starts_at) WHERE starts_at > 0;
-- Those that last longer than a day, which begin long before a span that they are in.
CREATE INDEX items_long ON items (feed, ends_at) WHERE ends_at - starts_at > 86400000000;
CREATE INDEX items_unread ON items (feed) WHERE starts_at IS NULL;

-- Of the house itself, such as what cursors of the API are signed with.
CREATE TABLE house_secrets (
    name   TEXT PRIMARY KEY,
    secret BLOB NOT NULL
) STRICT;
-- The last change that was pruned: who has read less has missed something.
INSERT INTO counters (name, value) VALUES ('pruned', 0);
