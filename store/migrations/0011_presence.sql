-- What apps were last told of each person of a presence flow: one row for each, so
-- that whoever was away is told every person's state once.
CREATE TABLE presence (
    flow    TEXT    NOT NULL,
    mailbox TEXT    NOT NULL,
    upn     TEXT    NOT NULL,
    seq     INTEGER NOT NULL, -- grows with everything that is told
    at      INTEGER NOT NULL,
    gone    INTEGER NOT NULL, -- 1: no longer of the flow
    body    BLOB,             -- the state, JSON; NULL when gone
    PRIMARY KEY (flow, mailbox)
) STRICT;
CREATE UNIQUE INDEX presence_seq ON presence (seq);
INSERT INTO counters (name, value) VALUES ('presence', 0);
