-- Disputes that were filed here, until head office has taken or refused them.
CREATE TABLE filings (id TEXT PRIMARY KEY, dispute BLOB NOT NULL, state TEXT NOT NULL, reason TEXT);
