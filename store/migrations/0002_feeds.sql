-- What one process does for all: who does it, until when. Feeds have leases of
-- their own.
CREATE TABLE holds (
    name   TEXT    PRIMARY KEY, -- of the duty, e.g. "sink/office-calendars"
    holder TEXT    NOT NULL,
    until  INTEGER NOT NULL
) STRICT;

-- Items that a feed says are gone, until somebody has looked for them.
CREATE TABLE removals (
    feed    INTEGER NOT NULL REFERENCES feeds (id),
    key     BLOB    NOT NULL, -- as in items
    item    TEXT    NOT NULL,
    held_at INTEGER NOT NULL,
    due_at  INTEGER NOT NULL, -- when it is looked for next; while somebody looks, when that has taken too long
    tries   INTEGER NOT NULL,
    PRIMARY KEY (feed, key)
) STRICT;
CREATE INDEX removals_due ON removals (due_at);

-- Feeds that cannot be read at present, and why.
CREATE TABLE troubles (
    feed     INTEGER PRIMARY KEY REFERENCES feeds (id),
    code     TEXT    NOT NULL, -- of the refusal; "microsoft.busy" when Microsoft asks to wait
    say      TEXT    NOT NULL,
    since    INTEGER NOT NULL, -- since when it could not be read at all
    last_at  INTEGER NOT NULL,
    count    INTEGER NOT NULL
) STRICT;

-- The members of groups that flows name, as last read in full. A group that was
-- read and is empty has its row in groups_read.
CREATE TABLE groups_read (
    tenant   TEXT    NOT NULL,
    object   TEXT    NOT NULL, -- the group's object id
    read_at  INTEGER NOT NULL,
    PRIMARY KEY (tenant, object)
) STRICT;
CREATE TABLE members (
    tenant   TEXT    NOT NULL,
    object   TEXT    NOT NULL, -- the group's object id
    mailbox  TEXT    NOT NULL,
    upn      TEXT    NOT NULL,
    since    INTEGER NOT NULL,
    PRIMARY KEY (tenant, object, mailbox)
) STRICT;

-- Mailboxes of flows' scopes that are not read, and why.
CREATE TABLE skipped (
    flow     TEXT    NOT NULL,
    mailbox  TEXT    NOT NULL, -- object id, or the name when it could not be found
    tenant   TEXT    NOT NULL,
    upn      TEXT    NOT NULL,
    code     TEXT    NOT NULL,
    say      TEXT    NOT NULL,
    since    INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    PRIMARY KEY (flow, mailbox)
) STRICT;
-- Grows whenever pins or members change, so that every process notices.
INSERT INTO counters (name, value) VALUES ('roster', 0);
