-- Done or not done, and made only where it is missing: a start may have ended after it and before it was
-- noted.
SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'batch' AND column_name = 'walk');
SET @change = IF(@missing, '
  ALTER TABLE batch
    -- The table that its statement goes through, by its alias or name; NULL for the first that can be.
    ADD COLUMN walk VARCHAR(256) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL', 'DO 0');
PREPARE change_batch FROM @change;
EXECUTE change_batch;
DEALLOCATE PREPARE change_batch;
