-- Reference rows that were here when head office was restored and have not come again since.
CREATE TABLE doubted (scope TEXT NOT NULL, kind INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY (scope, kind, key));
