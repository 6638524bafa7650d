-- Personal tokens of operators. The token itself is not kept.
CREATE TABLE operator_tokens (
    name       TEXT    PRIMARY KEY, -- its id outside, tok_…
    digest     BLOB    NOT NULL UNIQUE, -- SHA-256 of the token
    operator   TEXT    NOT NULL,
    note       TEXT    NOT NULL,
    posts      TEXT    NOT NULL, -- role or role@tenant, separated by spaces
    made_by    TEXT    NOT NULL,
    made_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL, -- 0: not
    used_at    INTEGER NOT NULL  -- to the hour; 0: never
) STRICT;

-- From where keys of apps are taken, CIDR, separated by spaces; '' is from anywhere.
ALTER TABLE app_keys ADD COLUMN networks TEXT NOT NULL DEFAULT '';
