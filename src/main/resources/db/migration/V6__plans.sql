-- Each change is one statement that is done or not done, and is made only where it is missing: a start
-- may have ended after it and before it was noted.

-- What was planned, for a start that runs just that. Kept for a day beyond its expiry.
CREATE TABLE IF NOT EXISTS batch_plan (
  id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  project VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- The body that it was asked for with.
  request MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  -- A JSON object: the parts of the tables' definition and what they were; NULL for a task's.
  definition MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  -- How many rows matched; NULL where they were not counted to the end.
  matching_rows BIGINT NULL,
  created_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  KEY batch_plan_by_expiry (expires_at)
);

SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'chunk_size' AND column_name = 'row_nanos');
SET @change = IF(@missing, '
  ALTER TABLE chunk_size
    -- How long the last batch took for a row, in nanoseconds.
    ADD COLUMN row_nanos BIGINT NULL', 'DO 0');
PREPARE change_chunk_size FROM @change;
EXECUTE change_chunk_size;
DEALLOCATE PREPARE change_chunk_size;
