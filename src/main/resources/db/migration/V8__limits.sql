-- Each change is one statement that is done or not done, and is made only where it is missing: a start
-- may have ended after it and before it was noted.

SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'batch' AND column_name = 'submitted_by');
SET @change = IF(@missing, '
  ALTER TABLE batch
    -- The caller who asked for it; NULL where callers are not told apart.
    ADD COLUMN submitted_by VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    -- The saved statement that it was started by.
    ADD COLUMN statement_name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    -- Names of the secret parameters, with commas between them; their values go when the batch ends.
    ADD COLUMN secrets VARCHAR(4000) CHARACTER SET ascii COLLATE ascii_bin NULL,
    -- A JSON object: maxRows, maxDurationMillis and window.
    ADD COLUMN bounds VARCHAR(1000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT ''{}'',
    -- How long its runs took, those that were not killed; counted where a bound needs it.
    ADD COLUMN ran_millis BIGINT NOT NULL DEFAULT 0,
    -- Of one that must be approved: the rows that it plans to change.
    ADD COLUMN approval_rows BIGINT NULL,
    ADD COLUMN approval_exact BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN approved_by VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    ADD COLUMN approved_at DATETIME(3) NULL', 'DO 0');
PREPARE change_batch FROM @change;
EXECUTE change_batch;
DEALLOCATE PREPARE change_batch;

-- Statements that admins have saved for others to start by name.
CREATE TABLE IF NOT EXISTS saved_statement (
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  -- The body that it was saved with.
  definition MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  version INT NOT NULL DEFAULT 1,
  updated_by VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  updated_at DATETIME(3) NOT NULL
);
