ALTER TABLE sinks ADD COLUMN kind TEXT NOT NULL DEFAULT 'webhook';
ALTER TABLE sinks ADD COLUMN shape TEXT NOT NULL DEFAULT '';           -- how items are shown; another one fills a table anew
ALTER TABLE sinks ADD COLUMN retired_at INTEGER NOT NULL DEFAULT 0;    -- the configuration no longer names it
ALTER TABLE sinks ADD COLUMN disabled_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sinks ADD COLUMN taken INTEGER NOT NULL DEFAULT 0;         -- attempts that were acknowledged
ALTER TABLE sinks ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;       -- attempts that were not
ALTER TABLE sinks ADD COLUMN taken_at INTEGER NOT NULL DEFAULT 0;      -- when something was last acknowledged
ALTER TABLE sinks ADD COLUMN failing_since INTEGER NOT NULL DEFAULT 0; -- since when nothing is acknowledged that was attempted
ALTER TABLE sinks ADD COLUMN reason TEXT NOT NULL DEFAULT '';          -- why the last attempt failed

ALTER TABLE deliveries ADD COLUMN first_at INTEGER NOT NULL DEFAULT 0; -- when it failed first
ALTER TABLE deliveries ADD COLUMN snapshot INTEGER NOT NULL DEFAULT 0; -- the replay that shows the item as it is, 0 for a change

-- What was tried for three days and given up. It holds nothing back and is kept
-- until it is replayed.
CREATE TABLE dead_letters (
    sink     TEXT    NOT NULL REFERENCES sinks (name),
    seq      INTEGER NOT NULL REFERENCES changes (seq),
    feed     INTEGER NOT NULL,
    item     TEXT    NOT NULL,
    attempt  INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    died_at  INTEGER NOT NULL,
    reason   TEXT    NOT NULL,
    snapshot INTEGER NOT NULL,
    PRIMARY KEY (sink, seq)
) STRICT;

-- The last attempts of each delivery that failed.
CREATE TABLE attempts (
    sink   TEXT    NOT NULL,
    seq    INTEGER NOT NULL,
    nth    INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    took   INTEGER NOT NULL, -- microseconds
    status INTEGER NOT NULL, -- of the answer, 0 when there was none
    reason TEXT    NOT NULL,
    PRIMARY KEY (sink, seq, nth)
) STRICT;

-- A second reader of a sink's sequence, which leaves the sink's own cursor alone.
CREATE TABLE replays (
    id       INTEGER PRIMARY KEY,
    sink     TEXT    NOT NULL REFERENCES sinks (name),
    made_at  INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    snapshot INTEGER NOT NULL, -- 1: the items as they are, not the changes
    dead     INTEGER NOT NULL, -- 1: dead letters only
    first    INTEGER NOT NULL, -- the first change
    last     INTEGER NOT NULL, -- the last; later ones are the sink's own
    mailbox  TEXT    NOT NULL, -- only this one, by id or name, or ''
    item     TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    total    INTEGER NOT NULL, -- deliveries when it was made
    done     INTEGER NOT NULL, -- those considered so far
    cursor   INTEGER NOT NULL, -- the last change considered
    at_feed  INTEGER NOT NULL, -- of a snapshot, the last item considered
    at_key   BLOB    NOT NULL
) STRICT;
CREATE INDEX replays_open ON replays (sink, ended_at);
INSERT INTO counters (name, value) VALUES ('replays', 0);

-- What SQL readers may use (docs/deliveries.md): the items of flows as they are
-- now, kept by sinks of type table. Times are text in UTC.
CREATE TABLE calendar_items (
    sink          TEXT    NOT NULL,
    feed          INTEGER NOT NULL,
    item_id       TEXT    NOT NULL,
    flow          TEXT    NOT NULL,
    tenant        TEXT    NOT NULL,
    mailbox_id    TEXT    NOT NULL,
    mailbox       TEXT    NOT NULL, -- its name
    calendar_id   TEXT    NOT NULL,
    calendar      TEXT    NOT NULL, -- its name
    etag          TEXT    NOT NULL,
    type          TEXT,             -- singleInstance, occurrence, exception, seriesMaster
    series_id     TEXT,
    start_utc     TEXT,             -- 2026-03-02T08:00:00Z
    end_utc       TEXT,
    all_day       INTEGER,          -- 1 or 0
    cancelled     INTEGER,
    show_as       TEXT,
    sensitivity   TEXT,
    subject       TEXT,
    location      TEXT,
    organizer     TEXT,
    body          TEXT,             -- the item's JSON, as the sink may show it
    changed_seq   INTEGER NOT NULL,
    changed_at    TEXT    NOT NULL,
    PRIMARY KEY (sink, feed, item_id)
) STRICT;
CREATE INDEX calendar_items_time ON calendar_items (flow, mailbox_id, start_utc);
