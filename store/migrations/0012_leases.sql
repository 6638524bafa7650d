-- Who reads a feed now. Apart from feeds, because leases come and go with every
-- sweep: they share a page of the file, and the feed's row and its place in the
-- index of what is due are written once, when the round ends.
CREATE TABLE leases (
    feed   INTEGER PRIMARY KEY REFERENCES feeds (id),
    holder TEXT    NOT NULL,
    turn   INTEGER NOT NULL, -- tells this lease from others of the feed
    mark   INTEGER NOT NULL, -- the feed's mark when the reader came
    span   INTEGER NOT NULL, -- microseconds that each sign of life of the reader lasts
    until  INTEGER NOT NULL
) STRICT;
ALTER TABLE feeds DROP COLUMN holder;
ALTER TABLE feeds DROP COLUMN held_mark;
ALTER TABLE feeds DROP COLUMN lease;

-- When a round last ended with it; 0 in the middle of one.
ALTER TABLE cursors ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
