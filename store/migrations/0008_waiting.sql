-- Apps whose calls wait for one of Microsoft's limits, as each process saw it.
CREATE TABLE waiting (
    registration TEXT    NOT NULL,
    mailbox      TEXT    NOT NULL, -- object id, or '' for calls that touch none
    app          TEXT    NOT NULL,
    tenant       TEXT    NOT NULL,
    why          TEXT    NOT NULL, -- calls, places, asked
    since        INTEGER NOT NULL,
    last_at      INTEGER NOT NULL,
    count        INTEGER NOT NULL,
    PRIMARY KEY (registration, mailbox, app)
) STRICT, WITHOUT ROWID;
