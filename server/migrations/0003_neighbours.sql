-- Sheets that concern others than who has their route: `about` is `route/…` where a shop that was visited is or was on
-- another route, `retailer/…` for that shop, `person/…` where who visited does not have the sheet's route that month.
-- Most sheets have no row. `meta` says of which shops and assignments the rows are.
CREATE TABLE neighbours (
    about    TEXT NOT NULL,
    date     TEXT NOT NULL,
    document INTEGER NOT NULL REFERENCES documents (id),
    PRIMARY KEY (about, date, document)
) WITHOUT ROWID;
CREATE INDEX neighbours_document ON neighbours (document);

-- Facts are written in another form: all are derived again.
DELETE FROM facts;
UPDATE documents SET materialised = 0 WHERE document LIKE 'day/%';
