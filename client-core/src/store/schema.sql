CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL);

-- A document is its snapshot and the changes since; without either it is its genesis alone.
CREATE TABLE documents (id TEXT PRIMARY KEY, snapshot BLOB, damaged TEXT);
CREATE TABLE changes (ord INTEGER PRIMARY KEY, document TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE INDEX changes_by_document ON changes (document);
-- Changes that arrived and could not be applied, for want of others or for good.
CREATE TABLE strays (document TEXT NOT NULL, digest BLOB NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (document, digest));

-- Every user action, for ever: what the user sees, and what is authored again if it must be.
CREATE TABLE intents (
    ord INTEGER PRIMARY KEY,
    action BLOB NOT NULL UNIQUE,
    document TEXT NOT NULL,
    command TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    hash BLOB,
    state TEXT NOT NULL,
    reason TEXT
);
CREATE INDEX intents_by_hash ON intents (hash);
CREATE INDEX intents_by_document ON intents (document);
CREATE INDEX intents_by_state ON intents (state) WHERE state <> 'durable';

-- Exactly what is still to be sent, in an order in which dependencies come first.
CREATE TABLE outbox (ord INTEGER PRIMARY KEY, document TEXT NOT NULL, hash BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL);

CREATE TABLE sheets (document TEXT PRIMARY KEY, route TEXT NOT NULL, date TEXT NOT NULL, facts BLOB NOT NULL);
CREATE INDEX sheets_by_date ON sheets (date);
CREATE TABLE visits (visit BLOB PRIMARY KEY, document TEXT NOT NULL);
CREATE INDEX visits_by_document ON visits (document);

CREATE TABLE reference (scope TEXT NOT NULL, kind INTEGER NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (scope, kind, key));
CREATE INDEX reference_by_kind ON reference (kind, key);
CREATE TABLE scopes (scope TEXT PRIMARY KEY, current INTEGER NOT NULL, gone INTEGER NOT NULL);

CREATE TABLE drafts (step TEXT PRIMARY KEY, content TEXT NOT NULL, at_ms INTEGER NOT NULL);
