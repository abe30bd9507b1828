-- What planning found, so that a plan can be read again. A migration that was interrupted is
-- repeated, and neither server commits its statements together: each must be repeatable.

SET @add_column = (
  SELECT IF(COUNT(*) > 0, 'DO 0',
    'ALTER TABLE batch_plan
      ADD COLUMN result LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
        COMMENT ''JSON of what planning found. NULL when it is too long to be stored, or when the plan is older than this column.''
        AFTER matching_rows')
  FROM information_schema.COLUMNS
  WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'batch_plan' AND COLUMN_NAME = 'result');
PREPARE add_column FROM @add_column;
EXECUTE add_column;
DEALLOCATE PREPARE add_column;
