-- When the database was last looked after, by what was done: backup, restore.
CREATE TABLE upkeep (
    what TEXT    PRIMARY KEY,
    at   INTEGER NOT NULL,
    note TEXT    NOT NULL -- where the backup is, or where it came from
) STRICT;
