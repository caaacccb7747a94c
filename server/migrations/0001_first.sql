-- Head office's store. Times are milliseconds since 1970 (UTC), ids as the wire has them.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- One row a restore (and one for the beginning): where each scope stood when the epoch began.
CREATE TABLE epochs (
    epoch     INTEGER PRIMARY KEY,
    began_ms  INTEGER NOT NULL,
    positions BLOB NOT NULL
);

-- Positions are given out from `head`, which is only ever written within the transaction that uses them.
CREATE TABLE scopes (
    id    INTEGER PRIMARY KEY,
    scope TEXT NOT NULL UNIQUE,
    head  INTEGER NOT NULL
);

CREATE TABLE documents (
    id           INTEGER PRIMARY KEY,
    document     TEXT NOT NULL UNIQUE,
    scope        INTEGER NOT NULL REFERENCES scopes (id),
    heads        BLOB NOT NULL,               -- 32 bytes each, ascending
    clocks       BLOB NOT NULL,               -- CBOR: actor, seq, max_op
    changes      INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,            -- of all changes
    waiting      INTEGER NOT NULL,
    materialised INTEGER NOT NULL DEFAULT 0,  -- of how many changes the facts are
    fault        TEXT                         -- why it can't be materialised
);
CREATE INDEX documents_dirty ON documents (id) WHERE materialised <> changes;

-- The log: one row holds the consecutive changes of one actor in one document that came in one request.
CREATE TABLE changes (
    id          INTEGER PRIMARY KEY,
    scope       INTEGER NOT NULL REFERENCES scopes (id),
    position    INTEGER NOT NULL,
    document    INTEGER NOT NULL REFERENCES documents (id),
    actor       BLOB NOT NULL,
    first_seq   INTEGER NOT NULL,
    hashes      BLOB NOT NULL,                -- 32 bytes each, in order of seq
    body        BLOB NOT NULL,                -- the uncompressed chunks, one behind the other
    device      TEXT NOT NULL,
    received_ms INTEGER NOT NULL,
    skew_ms     INTEGER                       -- device clock minus server clock; unknown where another device relayed it
);
CREATE UNIQUE INDEX changes_position ON changes (scope, position);
CREATE UNIQUE INDEX changes_actor ON changes (document, actor, first_seq);

-- Changes whose dependencies are not here yet.
CREATE TABLE waiting (
    id          INTEGER PRIMARY KEY,
    document    INTEGER NOT NULL REFERENCES documents (id),
    hash        BLOB NOT NULL,
    actor       BLOB NOT NULL,
    seq         INTEGER NOT NULL,
    start_op    INTEGER NOT NULL,
    max_op      INTEGER NOT NULL,
    deps        BLOB NOT NULL,
    at_ms       INTEGER NOT NULL,
    scope       TEXT NOT NULL,
    body        BLOB NOT NULL,
    device      TEXT NOT NULL,
    received_ms INTEGER NOT NULL,
    skew_ms     INTEGER,
    UNIQUE (document, hash)
);

-- Changes held back, with the reason, until staff release or reject them. `document` is text: it may be no id at all.
CREATE TABLE quarantine (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    document    TEXT NOT NULL,
    hash        BLOB NOT NULL,
    reason      TEXT NOT NULL,
    rejected    INTEGER NOT NULL DEFAULT 0,
    actor       BLOB,                         -- null: the bytes can't be read
    seq         INTEGER,
    start_op    INTEGER,
    max_op      INTEGER,
    deps        BLOB,
    at_ms       INTEGER,
    body        BLOB NOT NULL,
    device      TEXT NOT NULL,
    received_ms INTEGER NOT NULL,
    skew_ms     INTEGER,
    UNIQUE (document, hash)
);
CREATE INDEX quarantine_device ON quarantine (device);

-- Verdicts that came later than the request's answer, for the device to fetch.
CREATE TABLE settled (
    n       INTEGER PRIMARY KEY AUTOINCREMENT,
    device  TEXT NOT NULL,
    hash    BLOB NOT NULL,
    verdict INTEGER NOT NULL,
    reason  TEXT
);
CREATE INDEX settled_device ON settled (device, n);

CREATE TABLE reference (
    scope    INTEGER NOT NULL REFERENCES scopes (id),
    kind     INTEGER NOT NULL,
    key      TEXT NOT NULL,
    value    BLOB,                            -- CBOR; null: the row is gone
    position INTEGER NOT NULL,
    PRIMARY KEY (scope, kind, key)
);
CREATE UNIQUE INDEX reference_position ON reference (scope, position);
CREATE INDEX reference_kind ON reference (kind, key);

CREATE TABLE facts (
    document INTEGER PRIMARY KEY REFERENCES documents (id),
    date     TEXT NOT NULL,
    facts    BLOB NOT NULL                    -- CBOR
);
CREATE INDEX facts_date ON facts (date);

CREATE TABLE devices (
    device       TEXT PRIMARY KEY,
    public_key   BLOB NOT NULL,
    person       TEXT NOT NULL,
    name         TEXT NOT NULL,
    enrolled_ms  INTEGER NOT NULL,
    revoked_ms   INTEGER,
    last_sync_ms INTEGER,
    complete_ms  INTEGER                      -- when it last had nothing more to send
) WITHOUT ROWID;
CREATE INDEX devices_person ON devices (person);

CREATE TABLE codes (
    code_hash  BLOB PRIMARY KEY,
    person     TEXT NOT NULL,
    expires_ms INTEGER NOT NULL,
    device     TEXT                           -- who has used it
) WITHOUT ROWID;

-- Signed requests that have been used.
CREATE TABLE requests (
    device  TEXT NOT NULL,
    jti     TEXT NOT NULL,
    seen_ms INTEGER NOT NULL,
    PRIMARY KEY (device, jti)
) WITHOUT ROWID;
CREATE INDEX requests_seen ON requests (seen_ms);

CREATE TABLE passwords (
    login      TEXT PRIMARY KEY,
    hash       TEXT NOT NULL,
    changed_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,
    login      TEXT NOT NULL,
    expires_ms INTEGER NOT NULL
) WITHOUT ROWID;
