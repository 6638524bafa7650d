-- Files that apps hand in to be attached to a message, and their bytes. They are gone
-- once the message is sent or given up.
CREATE TABLE uploads (
    name       TEXT    PRIMARY KEY, -- its id outside, upl_…
    app        TEXT    NOT NULL,
    size       INTEGER NOT NULL, -- bytes, as announced
    digest     BLOB    NOT NULL, -- SHA-256 of all of it; empty until it is here
    intent     TEXT    NOT NULL, -- the name of the write that takes it along; '': none
    made_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL  -- if no write takes it along
) STRICT;
CREATE INDEX uploads_by_app ON uploads (app);
CREATE INDEX uploads_by_intent ON uploads (intent);

CREATE TABLE upload_pieces (
    upload  TEXT    NOT NULL REFERENCES uploads (name),
    begins  INTEGER NOT NULL, -- where in the file
    content BLOB    NOT NULL,
    PRIMARY KEY (upload, begins)
) STRICT, WITHOUT ROWID;
