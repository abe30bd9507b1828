-- Each change is one statement that is done or not done, and is made only where it is missing: a start
-- may have ended after it and before it was noted.

SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'batch' AND column_name = 'wanted');
SET @change = IF(@missing, '
  ALTER TABLE batch
    -- The rows asked for; NULL where the engine chooses.
    MODIFY chunk_rows INT NULL,
    -- NULL where the rows of a chunk are fixed.
    ADD COLUMN target_millis INT NULL,
    ADD COLUMN lanes INT NOT NULL DEFAULT 1,
    -- A JSON object with what differs from the configured limits.
    ADD COLUMN limits VARCHAR(1000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT ''{}'',
    -- PAUSED or CANCELLED, as asked of a running batch and to be done after the chunk in hand.
    ADD COLUMN wanted VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin NULL,
    DROP INDEX one_active_batch_a_project,
    DROP COLUMN active_project', 'DO 0');
PREPARE change_batch FROM @change;
EXECUTE change_batch;

-- Dropped and added: not every server changes the expression of a stored column in place.
SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'batch' AND column_name = 'active_project');
SET @change = IF(@missing, '
  ALTER TABLE batch
    ADD COLUMN active_project VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin
      GENERATED ALWAYS AS (CASE WHEN status IN (''QUEUED'', ''RUNNING'', ''PAUSED'') THEN project END) STORED,
    ADD UNIQUE KEY one_active_batch_a_project (active_project)', 'DO 0');
PREPARE change_batch FROM @change;
EXECUTE change_batch;
DEALLOCATE PREPARE change_batch;

SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'lane' AND column_name = 'chunk_rows');
SET @change = IF(@missing, '
  -- Of the next chunk; NULL before the first.
  ALTER TABLE lane ADD COLUMN chunk_rows INT NULL', 'DO 0');
PREPARE change_lane FROM @change;
EXECUTE change_lane;
DEALLOCATE PREPARE change_lane;

-- What held a batch back, and for how long in all.
CREATE TABLE IF NOT EXISTS batch_wait (
  batch BIGINT NOT NULL,
  reason VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  millis BIGINT NOT NULL,
  PRIMARY KEY (batch, reason)
);

-- The chunk size that the last batch over a table ended with, for the next one to begin with.
CREATE TABLE IF NOT EXISTS chunk_size (
  subject VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
  chunk_rows INT NOT NULL
);
