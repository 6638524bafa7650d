-- What apps have made and no feed has shown yet: deleted before it is read, it leaves
-- no trace in Microsoft's delta. Looked over at the end of each round of its mailbox.
CREATE TABLE unmet (
    flow    TEXT    NOT NULL,
    mailbox TEXT    NOT NULL,
    key     BLOB    NOT NULL, -- as in items
    item    TEXT    NOT NULL,
    made_at INTEGER NOT NULL, -- when that was known; only what is read afterwards has to show it
    PRIMARY KEY (flow, mailbox, key)
) STRICT, WITHOUT ROWID;
