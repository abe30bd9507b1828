-- One statement that is done or not done, and made only where it is missing: a start may have ended
-- after it and before it was noted.

SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'batch' AND column_name = 'trace_parent');
SET @change = IF(@missing, '
  ALTER TABLE batch
    -- The span of the request that started it, as W3C''s traceparent; NULL where nothing is traced.
    ADD COLUMN trace_parent VARCHAR(55) CHARACTER SET ascii COLLATE ascii_bin NULL', 'DO 0');
PREPARE change_batch FROM @change;
EXECUTE change_batch;
DEALLOCATE PREPARE change_batch;
