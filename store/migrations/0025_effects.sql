-- What a write changes besides its item: the series of a date. There from when the write
-- is asked for until a feed has shown it.
CREATE TABLE effects (
    flow    TEXT    NOT NULL,
    mailbox TEXT    NOT NULL,
    key     BLOB    NOT NULL, -- as in items
    intent  TEXT    NOT NULL, -- intents.name
    made_at INTEGER NOT NULL,
    PRIMARY KEY (flow, mailbox, key, intent)
) STRICT, WITHOUT ROWID;

-- What is known of a change besides its body.
CREATE TABLE traces (
    seq    INTEGER PRIMARY KEY, -- changes.seq
    intent TEXT    NOT NULL,    -- the write that it is an effect of, or ''
    series TEXT    NOT NULL,    -- that the item, which is gone, was a date of, or ''
    at     INTEGER NOT NULL
) STRICT;
CREATE INDEX traces_at ON traces (at);
