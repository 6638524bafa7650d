-- How often, and from when to when, flows did each of their operations: folded out of
-- the ledger, up to and with the entry that counted names.
CREATE TABLE used (
    tenant   TEXT    NOT NULL,
    flow     TEXT    NOT NULL,
    method   TEXT    NOT NULL,
    path     TEXT    NOT NULL,
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    calls    INTEGER NOT NULL,
    PRIMARY KEY (tenant, flow, method, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE counted (
    what TEXT    NOT NULL PRIMARY KEY,
    seq  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a tenant had granted to a registration when it was last read. Lists of
-- permissions are separated by spaces.
CREATE TABLE grants_seen (
    registration TEXT    NOT NULL PRIMARY KEY,
    tenant       TEXT    NOT NULL,
    tried_at     INTEGER NOT NULL,
    read_at      INTEGER NOT NULL, -- 0: never
    problem      TEXT    NOT NULL, -- why it could not be read last; '' when it could
    held         TEXT    NOT NULL,
    beyond       TEXT    NOT NULL, -- of these, what no flow needs
    missing      TEXT    NOT NULL, -- what flows need besides
    added        TEXT    NOT NULL, -- what the last change at Microsoft added
    removed      TEXT    NOT NULL, -- and what it took away
    changed_at   INTEGER NOT NULL  -- when that was seen; 0: never
) STRICT, WITHOUT ROWID;
