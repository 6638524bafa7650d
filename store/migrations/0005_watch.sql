-- What operators were told of.
CREATE TABLE notices (
    id          INTEGER PRIMARY KEY,
    name        TEXT    NOT NULL UNIQUE, -- its id outside
    code        TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    severity    TEXT    NOT NULL,
    say         TEXT    NOT NULL,
    fix         TEXT    NOT NULL,
    since       INTEGER NOT NULL,
    opened_at   INTEGER NOT NULL,
    reminded_at INTEGER NOT NULL,
    closed_at   INTEGER NOT NULL, -- 0 while it is open
    told        INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX notices_open ON notices (code, subject) WHERE closed_at = 0;

-- What is still to be told, to whom.
CREATE TABLE tellings (
    id      TEXT    NOT NULL,
    channel TEXT    NOT NULL,
    event   TEXT    NOT NULL,
    body    BLOB    NOT NULL, -- the notice as it was then, JSON
    at      INTEGER NOT NULL,
    due_at  INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    reason  TEXT    NOT NULL,
    PRIMARY KEY (channel, id)
) STRICT;
CREATE INDEX tellings_due ON tellings (channel, due_at);
