-- What one process does for all: who does it, until when. Feeds have leases of
-- their own.
CREATE TABLE holds (
    name   TEXT    PRIMARY KEY, -- of the duty, e.g. "sink/office-calendars"
    holder TEXT    NOT NULL,
    until  INTEGER NOT NULL
) STRICT;
