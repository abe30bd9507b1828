-- Each change is one statement that is done or not done, and is made only where it is missing: a start
-- may have ended after it and before it was noted.

SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'batch' AND column_name = 'keep');
SET @change = IF(@missing, '
  ALTER TABLE batch
    -- Whether what its chunks change is kept for an undo: NO, IF_POSSIBLE or YES.
    ADD COLUMN keep VARCHAR(11) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT ''NO'',
    -- Of an undo: the batch that it puts back.
    ADD COLUMN undoes BIGINT NULL,
    -- The undo that has put back all that could be put back.
    ADD COLUMN undone_by BIGINT NULL,
    -- A SELECT that must be true after so many chunks, and from time to time.
    ADD COLUMN check_sql MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    ADD COLUMN canary_chunks INT NOT NULL DEFAULT 0,
    -- A JSON object: what has paused it, where that was not a request.
    ADD COLUMN hold VARCHAR(2000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL', 'DO 0');
PREPARE change_batch FROM @change;
EXECUTE change_batch;
DEALLOCATE PREPARE change_batch;

SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'lane' AND column_name = 'begin_cursor');
SET @change = IF(@missing, '
  ALTER TABLE lane
    -- Where its range begins; NULL for the very start.
    ADD COLUMN begin_cursor MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    ADD COLUMN undo_rows BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN undo_bytes BIGINT NOT NULL DEFAULT 0', 'DO 0');
PREPARE change_lane FROM @change;
EXECUTE change_lane;
DEALLOCATE PREPARE change_lane;

-- What a chunk did, of a batch that can be undone; in the order of their commits within a lane.
CREATE TABLE IF NOT EXISTS chunk_record (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  batch BIGINT NOT NULL,
  lane INT NOT NULL,
  after_cursor MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  upto_cursor MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  rows_scanned BIGINT NOT NULL,
  rows_changed BIGINT NOT NULL,
  image_rows INT NOT NULL,
  image_bytes INT NOT NULL,
  -- How many of the image's rows, from its end, an undo has been through.
  undone_rows INT NOT NULL DEFAULT 0,
  image LONGBLOB NOT NULL,
  KEY chunk_record_of_batch (batch, id, image_bytes)
);

-- Rows that an undo did not put back.
CREATE TABLE IF NOT EXISTS undo_conflict (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  batch BIGINT NOT NULL,
  -- A JSON object: the key's columns and their values as text.
  row_key MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  reason VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- What was found, in words.
  detail TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  KEY undo_conflict_of_batch (batch, id)
);
