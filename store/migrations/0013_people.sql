-- People who signed in so that an app may work in their name.
CREATE TABLE people (
    tenant       TEXT    NOT NULL,
    registration TEXT    NOT NULL,
    account      TEXT    NOT NULL, -- object id
    app          TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    scopes       TEXT    NOT NULL, -- delegated permissions, separated by spaces
    signed_in_at INTEGER NOT NULL,
    lost_at      INTEGER NOT NULL, -- 0: they need not sign in again
    lost_code    TEXT    NOT NULL,
    PRIMARY KEY (tenant, registration, account, app)
) STRICT;

-- Sign-ins under way, each answered once.
CREATE TABLE sign_ins (
    id           TEXT    NOT NULL PRIMARY KEY,
    state        TEXT    NOT NULL UNIQUE, -- SHA-256 of what comes back with the browser
    tenant       TEXT    NOT NULL,
    registration TEXT    NOT NULL,
    app          TEXT    NOT NULL,
    flows        TEXT    NOT NULL, -- separated by spaces
    account      TEXT    NOT NULL, -- who must sign in, or ''
    return_to    TEXT    NOT NULL,
    app_state    TEXT    NOT NULL,
    begun_by     TEXT    NOT NULL,
    sealed       BLOB    NOT NULL,
    begun_at     INTEGER NOT NULL,
    until        INTEGER NOT NULL,
    answered_at  INTEGER NOT NULL, -- 0: not yet
    who          TEXT    NOT NULL, -- object id of who signed in
    who_name     TEXT    NOT NULL,
    scopes       TEXT    NOT NULL,
    code         TEXT    NOT NULL, -- SHA-256 of what the app takes the person with
    problem      TEXT    NOT NULL,
    say          TEXT    NOT NULL,
    todo         TEXT    NOT NULL,
    taken_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_ins_until ON sign_ins (until);
