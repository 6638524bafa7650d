-- How far Exchange keeps registrations to the mailboxes of their flows.
CREATE TABLE restrictions (
    registration TEXT    PRIMARY KEY,
    tenant       TEXT    NOT NULL,
    means        TEXT    NOT NULL, -- roles, access-policy
    state        TEXT    NOT NULL,
    inside       TEXT    NOT NULL, -- object id of a mailbox that must be reached
    inside_name  TEXT    NOT NULL,
    outside      TEXT    NOT NULL, -- and of one that must not
    outside_name TEXT    NOT NULL,
    reads        INTEGER NOT NULL, -- 1: reading proves it
    changed_at   INTEGER NOT NULL,
    freed_at     INTEGER NOT NULL, -- 0: a consent for every mailbox is left
    look_at      INTEGER NOT NULL,
    code         TEXT    NOT NULL,
    say          TEXT    NOT NULL,
    account      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
