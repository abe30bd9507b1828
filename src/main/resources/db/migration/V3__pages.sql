-- Two indexes in place of three, for the same work of writing and every combination of a list's filters:
-- what leaves the status or the mode open is put together from the pages of each.

SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.statistics
  WHERE table_schema = DATABASE() AND table_name = 'batch' AND index_name = 'batch_by_status_and_mode');
SET @change = IF(@missing, '
  ALTER TABLE batch
    ADD INDEX batch_by_status_and_mode (status, mode, id),
    ADD INDEX batch_by_project_status_and_mode (project, status, mode, id),
    DROP INDEX batch_by_status,
    DROP INDEX batch_by_mode,
    DROP INDEX batch_by_project_and_status', 'DO 0');
PREPARE change_batch FROM @change;
EXECUTE change_batch;
DEALLOCATE PREPARE change_batch;
