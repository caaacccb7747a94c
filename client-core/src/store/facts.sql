-- Facts have another form since this version. They follow from the documents, from which they are derived again.
DELETE FROM sheets;
