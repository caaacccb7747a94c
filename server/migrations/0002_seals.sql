-- Old day sheets: the bodies of a document's log rows as one compressed message. The rows stay, with hashes and positions.
CREATE TABLE seals (
    document INTEGER PRIMARY KEY REFERENCES documents (id),
    body     BLOB NOT NULL                    -- an envelope around the document's changes, as on the wire
);
-- The row's first change in its document's seal; null: the body is the row's own.
ALTER TABLE changes ADD COLUMN sealed INTEGER;
-- Whether all log rows of the sheet are sealed.
ALTER TABLE facts ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX facts_unsealed ON facts (date) WHERE sealed = 0;

-- In the order of their names: day sheets, which scores wait for, come before shop files.
DROP INDEX documents_dirty;
CREATE INDEX documents_dirty ON documents (document) WHERE materialised <> changes;
-- Used requests are swept now and then; an index only for that costs every sync a page.
DROP INDEX requests_seen;
