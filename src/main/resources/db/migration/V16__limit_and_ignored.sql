-- One statement that is done or not done, and is made only where it is missing: a start may have ended
-- after it and before it was noted.

SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'lane' AND column_name = 'rows_ignored');
SET @change = IF(@missing, '
  ALTER TABLE lane
    -- Rows passed over because of an error that IGNORE hides; NULL when the server did not tell of all.
    ADD COLUMN rows_ignored BIGINT NULL DEFAULT 0,
    -- Whether the work ends at the last row that a LIMIT lets through.
    ADD COLUMN limit_reached BOOLEAN NOT NULL DEFAULT FALSE', 'DO 0');
PREPARE change_lane FROM @change;
EXECUTE change_lane;
DEALLOCATE PREPARE change_lane;
