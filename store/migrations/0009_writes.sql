-- What apps have written into Microsoft 365, and want written.

-- One row for each write that an app asked for. It is there before anything is
-- sent, and says afterwards what came of it.
CREATE TABLE intents (
    id          INTEGER PRIMARY KEY,
    name        TEXT    NOT NULL UNIQUE, -- as apps know it, wrt_…
    app         TEXT    NOT NULL,
    key         TEXT    NOT NULL,        -- the app's own, for repeating the request
    hash        BLOB    NOT NULL,        -- SHA-256 of the request
    flow        TEXT    NOT NULL,
    tenant      TEXT    NOT NULL,
    mailbox     TEXT    NOT NULL,
    upn         TEXT    NOT NULL,
    kind        TEXT    NOT NULL,        -- event.create …
    container   TEXT    NOT NULL,        -- e.g. a calendar; '' is the default one
    item        TEXT    NOT NULL,        -- what is written; '' until it is made
    reference   TEXT    NOT NULL,        -- the app's own name for the item
    mark        TEXT    NOT NULL,        -- by which the effect is found again
    request     BLOB,                    -- what is sent
    version     TEXT    NOT NULL,        -- that must still be there, an ETag, or ''
    before      BLOB,                    -- what was there, as far as the effect is known by it
    state       TEXT    NOT NULL,        -- open, done, refused, lost or uncertain
    attempts    INTEGER NOT NULL,
    holder      TEXT    NOT NULL,        -- who tries it now
    made_at     INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,        -- when it may be tried next; while held, when the lease ends
    ended_at    INTEGER NOT NULL,
    refusal     TEXT    NOT NULL,        -- kind, or ''
    code        TEXT    NOT NULL,
    say         TEXT    NOT NULL,
    fix         TEXT    NOT NULL,
    etag        TEXT    NOT NULL,        -- the version that was written
    result      BLOB,                    -- what Microsoft answered
    looked      INTEGER NOT NULL,        -- the effect was found, the answer was lost
    UNIQUE (app, key)
) STRICT;
CREATE INDEX intents_due ON intents (due_at) WHERE state = 'open';
CREATE INDEX intents_item ON intents (mailbox, item, state);
CREATE INDEX intents_mark ON intents (mark);
CREATE INDEX intents_etag ON intents (etag);
CREATE INDEX intents_ended ON intents (ended_at);

-- What apps call the items that they made.
CREATE TABLE item_references (
    flow      TEXT    NOT NULL,
    item      BLOB    NOT NULL, -- the first 16 bytes of the SHA-256 of the item's id
    reference TEXT    NOT NULL,
    intent    TEXT    NOT NULL, -- intents.name
    PRIMARY KEY (flow, item)
) STRICT, WITHOUT ROWID;

-- Versions that lost when an item was changed on both sides.
CREATE TABLE losers (
    id      INTEGER PRIMARY KEY,
    intent  TEXT    NOT NULL, -- intents.name
    app     TEXT    NOT NULL,
    flow    TEXT    NOT NULL,
    tenant  TEXT    NOT NULL,
    mailbox TEXT    NOT NULL,
    upn     TEXT    NOT NULL,
    item    TEXT    NOT NULL,
    side    TEXT    NOT NULL, -- whose version lost: app or microsoft
    etag    TEXT    NOT NULL, -- of Microsoft's version
    body    BLOB    NOT NULL, -- the version that lost
    at      INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX losers_intent ON losers (intent);
CREATE INDEX losers_at ON losers (at);
