-- Each configuration that was taken, in the order of time, and who took it: what
-- it says, without secrets, to be compared with the next.
CREATE TABLE applied (
    seq         INTEGER PRIMARY KEY,
    fingerprint TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    taken_by    TEXT    NOT NULL,
    facts       BLOB    NOT NULL
) STRICT;
