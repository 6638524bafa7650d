CREATE INDEX app_keys_app ON app_keys (app, made_at);

CREATE INDEX app_requests_at ON app_requests (at);

CREATE INDEX calendar_items_time ON calendar_items (flow, mailbox_id, start_utc);

CREATE INDEX changes_flow ON changes (flow, seq);

CREATE INDEX consents_of ON consents (tenant, registration, answered_at);

CREATE INDEX deliveries_due ON deliveries (sink, due_at);

CREATE INDEX deliveries_item ON deliveries (sink, item, seq);

CREATE INDEX feeds_due ON feeds (whole, due_at) WHERE dropped_at = 0;

CREATE INDEX intents_due ON intents (due_at) WHERE state = 'open';

CREATE INDEX intents_ended ON intents (ended_at) WHERE state <> 'open';

CREATE INDEX intents_etag ON intents (etag) WHERE etag <> '';

CREATE INDEX intents_item ON intents (mailbox, item) WHERE item <> '';

CREATE INDEX intents_mark ON intents (mark) WHERE kind = 'event.create';

CREATE INDEX intents_uncertain ON intents (ended_at) WHERE state = 'uncertain';

CREATE INDEX items_long ON items (feed, ends_at) WHERE ends_at - starts_at > 86400000000;

CREATE INDEX items_time ON items (feed, starts_at) WHERE starts_at > 0;

CREATE INDEX items_unread ON items (feed) WHERE starts_at IS NULL;

CREATE INDEX losers_at ON losers (at);

CREATE UNIQUE INDEX losers_intent ON losers (intent);

CREATE UNIQUE INDEX notices_open ON notices (code, subject) WHERE closed_at = 0;

CREATE INDEX places_owner ON places (owner);

CREATE UNIQUE INDEX presence_seq ON presence (seq);

CREATE INDEX removals_due ON removals (due_at);

CREATE INDEX replays_open ON replays (sink, ended_at);

CREATE INDEX sign_ins_until ON sign_ins (until);

CREATE INDEX subscriptions_renew ON subscriptions (renew_at);

CREATE INDEX tellings_due ON tellings (channel, due_at);

CREATE INDEX traces_at ON traces (at);

CREATE INDEX uploads_by_app ON uploads (app);

CREATE INDEX uploads_by_intent ON uploads (intent);

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
, networks TEXT NOT NULL DEFAULT '') STRICT;

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

CREATE TABLE applied (
    seq         INTEGER PRIMARY KEY,
    fingerprint TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    taken_by    TEXT    NOT NULL,
    facts       BLOB    NOT NULL
) STRICT;

CREATE TABLE attempts (
    sink   TEXT    NOT NULL,
    seq    INTEGER NOT NULL,
    nth    INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    took   INTEGER NOT NULL, -- microseconds
    status INTEGER NOT NULL, -- of the answer, 0 when there was none
    reason TEXT    NOT NULL,
    PRIMARY KEY (sink, seq, nth)
) STRICT;

CREATE TABLE calendar_items (
    sink          TEXT    NOT NULL,
    feed          INTEGER NOT NULL,
    item_id       TEXT    NOT NULL,
    flow          TEXT    NOT NULL,
    tenant        TEXT    NOT NULL,
    mailbox_id    TEXT    NOT NULL,
    mailbox       TEXT    NOT NULL, -- its name
    calendar_id   TEXT    NOT NULL,
    calendar      TEXT    NOT NULL, -- its name
    etag          TEXT    NOT NULL,
    type          TEXT,             -- singleInstance, occurrence, exception, seriesMaster
    series_id     TEXT,
    start_utc     TEXT,             -- 2026-03-02T08:00:00Z
    end_utc       TEXT,
    all_day       INTEGER,          -- 1 or 0
    cancelled     INTEGER,
    show_as       TEXT,
    sensitivity   TEXT,
    subject       TEXT,
    location      TEXT,
    organizer     TEXT,
    body          TEXT,             -- the item's JSON, as the sink may show it
    changed_seq   INTEGER NOT NULL,
    changed_at    TEXT    NOT NULL,
    PRIMARY KEY (sink, feed, item_id)
) STRICT;

CREATE TABLE changes (
    seq  INTEGER PRIMARY KEY,
    feed INTEGER NOT NULL REFERENCES feeds (id),
    flow TEXT    NOT NULL,
    item TEXT    NOT NULL,
    kind TEXT    NOT NULL,
    at   INTEGER NOT NULL,
    body BLOB              -- the item as Graph sent it; NULL when deleted
) STRICT;

CREATE TABLE checkpoints (
    origin TEXT    NOT NULL PRIMARY KEY,
    size   INTEGER NOT NULL, -- how many entries it covers
    root   BLOB    NOT NULL CHECK (length(root) = 32),
    note   TEXT    NOT NULL, -- c2sp.org/tlog-checkpoint
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE TABLE consents (
    state        TEXT    NOT NULL PRIMARY KEY, -- SHA-256 of what the link carries
    tenant       TEXT    NOT NULL,
    registration TEXT    NOT NULL,
    until        INTEGER NOT NULL,
    answered_at  INTEGER NOT NULL, -- 0: not yet
    problem      TEXT    NOT NULL  -- what Entra says when it was not given
) STRICT;

CREATE TABLE counted (
    what TEXT    NOT NULL PRIMARY KEY,
    seq  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (
    name  TEXT    PRIMARY KEY,
    value INTEGER NOT NULL      -- the last number given out
) STRICT;

CREATE TABLE cursors (
    feed   INTEGER PRIMARY KEY REFERENCES feeds (id),
    cursor TEXT    NOT NULL
, at INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE dead_letters (
    sink     TEXT    NOT NULL REFERENCES sinks (name),
    seq      INTEGER NOT NULL REFERENCES changes (seq),
    feed     INTEGER NOT NULL,
    item     TEXT    NOT NULL,
    attempt  INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    died_at  INTEGER NOT NULL,
    reason   TEXT    NOT NULL,
    snapshot INTEGER NOT NULL,
    PRIMARY KEY (sink, seq)
) STRICT;

CREATE TABLE deliveries (
    sink    TEXT    NOT NULL REFERENCES sinks (name),
    seq     INTEGER NOT NULL REFERENCES changes (seq),
    feed    INTEGER NOT NULL,
    item    TEXT    NOT NULL,
    attempt INTEGER NOT NULL,
    due_at  INTEGER,          -- NULL while it waits behind an earlier change of its item
    reason  TEXT    NOT NULL, first_at INTEGER NOT NULL DEFAULT 0, snapshot INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (sink, seq)
) STRICT;

CREATE TABLE effects (
    flow    TEXT    NOT NULL,
    mailbox TEXT    NOT NULL,
    key     BLOB    NOT NULL, -- as in items
    intent  TEXT    NOT NULL, -- intents.name
    made_at INTEGER NOT NULL,
    PRIMARY KEY (flow, mailbox, key, intent)
) STRICT, WITHOUT ROWID;

CREATE TABLE entries (
    seq     INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    call    TEXT    NOT NULL,
    app     TEXT    NOT NULL,
    flow    TEXT    NOT NULL,
    tenant  TEXT    NOT NULL,
    method  TEXT    NOT NULL,
    path    TEXT    NOT NULL,
    mailbox TEXT    NOT NULL,
    allowed INTEGER NOT NULL,
    rule    TEXT    NOT NULL,
    status  INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,
    note    TEXT    NOT NULL,
    leaf    BLOB    NOT NULL CHECK (length(leaf) = 32) -- RFC 6962 leaf hash
) STRICT;

CREATE TABLE feeds (
    id           INTEGER PRIMARY KEY,
    flow         TEXT    NOT NULL,
    tenant       TEXT    NOT NULL,
    mailbox      TEXT    NOT NULL,
    upn          TEXT    NOT NULL,
    resource     TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    window_start INTEGER NOT NULL,
    window_end   INTEGER NOT NULL,
    round        INTEGER NOT NULL, -- grows whenever the feed is read from the start
    whole        INTEGER NOT NULL, -- the round under way reads from the start
    mark         INTEGER NOT NULL, -- grows with every sign of news
    clean        INTEGER NOT NULL, -- the mark up to which it has been read
    due_at       INTEGER NOT NULL, -- when it may be read next; while held, when the lease ends
    not_before   INTEGER NOT NULL, -- Microsoft asked to wait until then
    sweep_at     INTEGER NOT NULL,
    read_at      INTEGER NOT NULL, -- when a whole round was last stored
    dropped_at   INTEGER NOT NULL,
    UNIQUE (flow, mailbox, resource)
) STRICT;

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

CREATE TABLE groups_read (
    tenant   TEXT    NOT NULL,
    object   TEXT    NOT NULL, -- the group's object id
    read_at  INTEGER NOT NULL,
    PRIMARY KEY (tenant, object)
) STRICT;

CREATE TABLE holds (
    name   TEXT    PRIMARY KEY, -- of the duty, e.g. "sink/office-calendars"
    holder TEXT    NOT NULL,
    until  INTEGER NOT NULL
) STRICT;

CREATE TABLE house_secrets (
    name   TEXT PRIMARY KEY,
    secret BLOB NOT NULL
) STRICT;

CREATE TABLE identity (
    id        TEXT    NOT NULL, -- of this database: part of every delivery's id
    made_at   INTEGER NOT NULL,
    opened_at INTEGER NOT NULL  -- written at every start, which proves that writing works
) STRICT;

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

CREATE TABLE item_references (
    flow      TEXT    NOT NULL,
    item      BLOB    NOT NULL, -- the first 16 bytes of the SHA-256 of the item's id
    reference TEXT    NOT NULL,
    intent    TEXT    NOT NULL, -- intents.name
    PRIMARY KEY (flow, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE items (
    feed  INTEGER NOT NULL,
    key   BLOB    NOT NULL, -- the first 16 bytes of the SHA-256 of the item's id
    seq   INTEGER NOT NULL, -- the change that holds its body
    hash  BLOB    NOT NULL, -- the first 16 bytes of the SHA-256 of its body
    round INTEGER NOT NULL, starts_at INTEGER, ends_at INTEGER, -- the feed's round that last saw it
    PRIMARY KEY (feed, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE leases (
    feed   INTEGER PRIMARY KEY REFERENCES feeds (id),
    holder TEXT    NOT NULL,
    turn   INTEGER NOT NULL, -- tells this lease from others of the feed
    mark   INTEGER NOT NULL, -- the feed's mark when the reader came
    span   INTEGER NOT NULL, -- microseconds that each sign of life of the reader lasts
    until  INTEGER NOT NULL
) STRICT;

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

CREATE TABLE mailboxes (
    tenant    TEXT    NOT NULL,
    upn       TEXT    NOT NULL, -- in lower case
    id        TEXT    NOT NULL,
    pinned_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, upn)
) STRICT;

CREATE TABLE members (
    tenant   TEXT    NOT NULL,
    object   TEXT    NOT NULL, -- the group's object id
    mailbox  TEXT    NOT NULL,
    upn      TEXT    NOT NULL,
    since    INTEGER NOT NULL,
    PRIMARY KEY (tenant, object, mailbox)
) STRICT;

CREATE TABLE notices (
    id          INTEGER PRIMARY KEY,
    name        TEXT    NOT NULL UNIQUE, -- its id outside
    code        TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    severity    TEXT    NOT NULL,
    say         TEXT    NOT NULL,
    fix         TEXT    NOT NULL,
    since       INTEGER NOT NULL,
    opened_at   INTEGER NOT NULL,
    reminded_at INTEGER NOT NULL,
    closed_at   INTEGER NOT NULL, -- 0 while it is open
    told        INTEGER NOT NULL
) STRICT;

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

CREATE TABLE places (
    call   TEXT    PRIMARY KEY,
    owner  TEXT    NOT NULL,
    holder TEXT    NOT NULL -- the process; its places end with its hold "process/<holder>"
) STRICT;

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

CREATE TABLE removals (
    feed    INTEGER NOT NULL REFERENCES feeds (id),
    key     BLOB    NOT NULL, -- as in items
    item    TEXT    NOT NULL,
    held_at INTEGER NOT NULL,
    due_at  INTEGER NOT NULL, -- when it is looked for next; while somebody looks, when that has taken too long
    tries   INTEGER NOT NULL, holder TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (feed, key)
) STRICT;

CREATE TABLE replays (
    id       INTEGER PRIMARY KEY,
    sink     TEXT    NOT NULL REFERENCES sinks (name),
    made_at  INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    snapshot INTEGER NOT NULL, -- 1: the items as they are, not the changes
    dead     INTEGER NOT NULL, -- 1: dead letters only
    first    INTEGER NOT NULL, -- the first change
    last     INTEGER NOT NULL, -- the last; later ones are the sink's own
    mailbox  TEXT    NOT NULL, -- only this one, by id or name, or ''
    item     TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    total    INTEGER NOT NULL, -- deliveries when it was made
    done     INTEGER NOT NULL, -- those considered so far
    cursor   INTEGER NOT NULL, -- the last change considered
    at_feed  INTEGER NOT NULL, -- of a snapshot, the last item considered
    at_key   BLOB    NOT NULL
, failed INTEGER NOT NULL DEFAULT 0) STRICT;

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
, wanted TEXT NOT NULL DEFAULT '', proven_at INTEGER NOT NULL DEFAULT 0, roles TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;

CREATE TABLE rests (
    owner TEXT    PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE schema_migrations (
    version    INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;

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

CREATE TABLE sinks (
    name     TEXT    PRIMARY KEY,
    app      TEXT    NOT NULL,
    flow     TEXT    NOT NULL,
    url      TEXT    NOT NULL,
    cursor   INTEGER NOT NULL, -- the last change that is delivered or has a row in deliveries
    disabled TEXT    NOT NULL  -- why nothing is sent, or ''
, kind TEXT NOT NULL DEFAULT 'webhook', shape TEXT NOT NULL DEFAULT '', retired_at INTEGER NOT NULL DEFAULT 0, disabled_at INTEGER NOT NULL DEFAULT 0, taken INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0, taken_at INTEGER NOT NULL DEFAULT 0, failing_since INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '', rests_until INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE skipped (
    flow     TEXT    NOT NULL,
    mailbox  TEXT    NOT NULL, -- object id, or the name when it could not be found
    tenant   TEXT    NOT NULL,
    upn      TEXT    NOT NULL,
    code     TEXT    NOT NULL,
    say      TEXT    NOT NULL,
    since    INTEGER NOT NULL,
    last_at  INTEGER NOT NULL, object TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (flow, mailbox)
) STRICT;

CREATE TABLE spent (
    owner TEXT    NOT NULL,
    part  INTEGER NOT NULL, -- number of the part since 1970
    calls INTEGER NOT NULL,
    PRIMARY KEY (owner, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscriptions (
    id           TEXT    PRIMARY KEY,
    flow         TEXT    NOT NULL,
    tenant       TEXT    NOT NULL,
    mailbox      TEXT    NOT NULL,
    upn          TEXT    NOT NULL,
    resource     TEXT    NOT NULL,
    address      TEXT    NOT NULL, -- where its notifications are sent
    client_state TEXT    NOT NULL,
    expires_at   INTEGER NOT NULL,
    renew_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE tellings (
    id      TEXT    NOT NULL,
    channel TEXT    NOT NULL,
    event   TEXT    NOT NULL,
    body    BLOB    NOT NULL, -- the notice as it was then, JSON
    at      INTEGER NOT NULL,
    due_at  INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    reason  TEXT    NOT NULL,
    PRIMARY KEY (channel, id)
) STRICT;

CREATE TABLE tokens (
    tenant       TEXT    NOT NULL,
    registration TEXT    NOT NULL,
    version      INTEGER NOT NULL, -- grows with every renewal; sealed into the secret
    sealed       BLOB    NOT NULL,
    expires_at   INTEGER NOT NULL, account TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, registration)
) STRICT;

CREATE TABLE traces (
    seq    INTEGER PRIMARY KEY, -- changes.seq
    intent TEXT    NOT NULL,    -- the write that it is an effect of, or ''
    series TEXT    NOT NULL,    -- that the item, which is gone, was a date of, or ''
    at     INTEGER NOT NULL
) STRICT;

CREATE TABLE tree_hashes (
    level INTEGER NOT NULL,
    place INTEGER NOT NULL, -- among those of its level, from 0
    hash  BLOB    NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE troubles (
    feed     INTEGER PRIMARY KEY REFERENCES feeds (id),
    code     TEXT    NOT NULL, -- of the refusal; "microsoft.busy" when Microsoft asks to wait
    say      TEXT    NOT NULL,
    since    INTEGER NOT NULL, -- since when it could not be read at all
    last_at  INTEGER NOT NULL,
    count    INTEGER NOT NULL
) STRICT;

CREATE TABLE unmet (
    flow    TEXT    NOT NULL,
    mailbox TEXT    NOT NULL,
    key     BLOB    NOT NULL, -- as in items
    item    TEXT    NOT NULL,
    made_at INTEGER NOT NULL, -- when that was known; only what is read afterwards has to show it
    PRIMARY KEY (flow, mailbox, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE upkeep (
    what TEXT    PRIMARY KEY,
    at   INTEGER NOT NULL,
    note TEXT    NOT NULL -- where the backup is, or where it came from
) STRICT;

CREATE TABLE upload_pieces (
    upload  TEXT    NOT NULL REFERENCES uploads (name),
    begins  INTEGER NOT NULL, -- where in the file
    content BLOB    NOT NULL,
    PRIMARY KEY (upload, begins)
) STRICT, WITHOUT ROWID;

CREATE TABLE uploads (
    name       TEXT    PRIMARY KEY, -- its id outside, upl_…
    app        TEXT    NOT NULL,
    size       INTEGER NOT NULL, -- bytes, as announced
    digest     BLOB    NOT NULL, -- SHA-256 of all of it; empty until it is here
    intent     TEXT    NOT NULL, -- the name of the write that takes it along; '': none
    made_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL  -- if no write takes it along
) STRICT;

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

CREATE TRIGGER entries_follow BEFORE INSERT ON entries
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM entries)
BEGIN SELECT RAISE(ABORT, 'an entry of the ledger must follow the last one'); END;

CREATE TRIGGER entries_hold BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry of the ledger cannot be changed'); END;

CREATE TRIGGER entries_stay BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry of the ledger cannot be deleted'); END;

