-- Keys that apps are let in with. The key itself is not kept.
CREATE TABLE app_keys (
    name       TEXT    PRIMARY KEY, -- its id outside, key_…
    digest     BLOB    NOT NULL UNIQUE, -- SHA-256 of the key
    app        TEXT    NOT NULL,
    note       TEXT    NOT NULL,
    flows      TEXT    NOT NULL, -- names, each on a line; '' is all of the app's
    writes     INTEGER NOT NULL, -- 1: it may change things
    made_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL, -- to the hour
    replaces   TEXT    NOT NULL
) STRICT;
CREATE INDEX app_keys_app ON app_keys (app, made_at);

-- Requests of apps that must not happen twice, and their answers.
CREATE TABLE app_requests (
    app    TEXT    NOT NULL,
    key    TEXT    NOT NULL, -- the Idempotency-Key that the app gave it
    print  BLOB    NOT NULL, -- a digest of what was asked
    at     INTEGER NOT NULL,
    until  INTEGER NOT NULL, -- somebody has it in hand until then
    status INTEGER NOT NULL, -- of the answer; 0: there is none yet
    body   BLOB,             -- NULL: none
    PRIMARY KEY (app, key)
) STRICT;
CREATE INDEX app_requests_at ON app_requests (at);
