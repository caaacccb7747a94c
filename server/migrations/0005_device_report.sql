-- What a device says of itself with each sync.
ALTER TABLE devices ADD COLUMN skew_ms INTEGER;  -- its clock minus the server's
ALTER TABLE devices ADD COLUMN app TEXT;         -- its version
