-- What staff decide. A record is one case (a dispute, an event, a transfer…), changed only by who has seen its last version.
CREATE TABLE records (
    kind    TEXT NOT NULL,
    key     TEXT NOT NULL,
    version INTEGER NOT NULL,                 -- from 1
    body    TEXT NOT NULL,                    -- JSON
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;

-- Who decided what, when, and what it was before and after. Each row holds the hash of the one before it.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,              -- from 1, without gaps
    at_ms   INTEGER NOT NULL,
    who     TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    before  TEXT,                             -- JSON
    after   TEXT,                             -- JSON
    hash    BLOB NOT NULL                     -- SHA-256 over the row before's and this row
);
CREATE INDEX audit_subject ON audit (subject, id);

-- Months as they were published.
CREATE TABLE revisions (
    month     TEXT NOT NULL,
    revision  INTEGER NOT NULL,               -- from 1
    header    BLOB NOT NULL,                  -- CBOR; what is signed
    signature BLOB NOT NULL,                  -- Ed25519
    scores    TEXT NOT NULL,                  -- JSON
    leaves    BLOB NOT NULL,                  -- CBOR: what each point rests on, by hash
    inputs    BLOB NOT NULL,                  -- CBOR: its inputs by person and hash, in order
    PRIMARY KEY (month, revision)
);

-- What revisions were scored from, one row a manager; revisions share what did not change between them.
CREATE TABLE inputs (
    hash BLOB PRIMARY KEY,                    -- SHA-256 of what is in the envelope
    body BLOB NOT NULL                        -- an envelope, as on the wire
) WITHOUT ROWID;

-- What is complained of in shop files, for staff to rule on; what they rule is a record.
CREATE TABLE complaints (
    document  INTEGER NOT NULL REFERENCES documents (id),
    complaint TEXT NOT NULL,
    at_ms     INTEGER NOT NULL,
    text      TEXT NOT NULL,
    severity  TEXT,
    PRIMARY KEY (document, complaint)
) WITHOUT ROWID;
CREATE INDEX complaints_at ON complaints (at_ms);
-- Shop files are read for them.
UPDATE documents SET materialised = 0 WHERE document LIKE 'shop/%';

-- Audit log, revisions and inputs are never changed or removed.
CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER revisions_stay BEFORE DELETE ON revisions BEGIN SELECT RAISE(ABORT, 'what is published stays'); END;
CREATE TRIGGER revisions_unchanged BEFORE UPDATE ON revisions BEGIN SELECT RAISE(ABORT, 'what is published stays'); END;
CREATE TRIGGER inputs_stay BEFORE DELETE ON inputs BEGIN SELECT RAISE(ABORT, 'what is published stays'); END;
CREATE TRIGGER inputs_unchanged BEFORE UPDATE ON inputs BEGIN SELECT RAISE(ABORT, 'what is published stays'); END;
