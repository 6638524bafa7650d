-- How each connection is. Its tokens stand in tokens, one row for each credential
-- that it has signed in with.
CREATE TABLE connections (
    tenant        TEXT    NOT NULL,
    registration  TEXT    NOT NULL,
    account       TEXT    NOT NULL, -- object id of the person it acts for, or ''
    account_name  TEXT    NOT NULL,
    mark          INTEGER NOT NULL, -- grows whenever copies of its tokens are no longer good
    revoked_at    INTEGER NOT NULL,
    connected_at  INTEGER NOT NULL,
    signed_in_at  INTEGER NOT NULL,
    refused_at    INTEGER NOT NULL, -- 0 once it has been signed in again
    refused_code  TEXT    NOT NULL,
    refused_say   TEXT    NOT NULL,
    refused_do    TEXT    NOT NULL,
    waiting_since INTEGER NOT NULL,
    waiting_for   TEXT    NOT NULL,
    expires_at    INTEGER NOT NULL, -- of the credential
    expiry_by     TEXT    NOT NULL, -- who said so
    PRIMARY KEY (tenant, registration)
) STRICT;
ALTER TABLE tokens ADD COLUMN account TEXT NOT NULL DEFAULT ''; -- whom it is sealed for

-- Links at which an administrator was asked to consent, each to be answered once.
CREATE TABLE consents (
    state        TEXT    NOT NULL PRIMARY KEY, -- SHA-256 of what the link carries
    tenant       TEXT    NOT NULL,
    registration TEXT    NOT NULL,
    until        INTEGER NOT NULL,
    answered_at  INTEGER NOT NULL, -- 0: not yet
    problem      TEXT    NOT NULL  -- what Entra says when it was not given
) STRICT;
CREATE INDEX consents_of ON consents (tenant, registration, answered_at);
