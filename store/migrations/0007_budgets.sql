-- What the processes of a cluster spend of Microsoft's budgets.

-- Calls that are under way.
CREATE TABLE places (
    call   TEXT    PRIMARY KEY,
    owner  TEXT    NOT NULL,
    holder TEXT    NOT NULL -- the process; its places end with its hold "process/<holder>"
) STRICT;
CREATE INDEX places_owner ON places (owner);

-- Calls of the last while, by part of time.
CREATE TABLE spent (
    owner TEXT    NOT NULL,
    part  INTEGER NOT NULL, -- number of the part since 1970
    calls INTEGER NOT NULL,
    PRIMARY KEY (owner, part)
) STRICT, WITHOUT ROWID;

-- Owners that Microsoft has asked to wait.
CREATE TABLE rests (
    owner TEXT    PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
