-- IF NOT EXISTS: a first start may have ended half way through.

-- What nodes in cluster mode take batches from: db-scheduler's table, as its documentation has it.
CREATE TABLE IF NOT EXISTS launch (
  task_name VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- Of a batch: its id, and the epoch that its run will have at least.
  task_instance VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  task_data BLOB NULL,
  execution_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  picked BOOLEAN NOT NULL,
  picked_by VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  last_success TIMESTAMP(6) NULL,
  last_failure TIMESTAMP(6) NULL,
  consecutive_failures INT NULL,
  last_heartbeat TIMESTAMP(6) NULL,
  version BIGINT NOT NULL,
  priority SMALLINT NULL,
  PRIMARY KEY (task_name, task_instance),
  KEY launch_by_time (execution_time),
  KEY launch_by_heartbeat (last_heartbeat)
);

-- The line of serial mode across nodes, in the order of asking; the first has the turn.
CREATE TABLE IF NOT EXISTS serial_line (
  place BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  batch BIGINT NOT NULL,
  UNIQUE KEY once_in_line (batch)
);

-- One row, locked by whoever changes the line, so that joining and leaving never miss each other.
CREATE TABLE IF NOT EXISTS serial_gate (
  one INT NOT NULL PRIMARY KEY
);
INSERT IGNORE INTO serial_gate (one) VALUES (1);

SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'batch' AND column_name = 'forced');
SET @change = IF(@missing, '
  ALTER TABLE batch
    -- Whether the statement in hand is to be broken off, too, for what is wanted.
    ADD COLUMN forced BOOLEAN NOT NULL DEFAULT FALSE', 'DO 0');
PREPARE change_batch FROM @change;
EXECUTE change_batch;
DEALLOCATE PREPARE change_batch;

SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'lane' AND column_name = 'loan');
SET @change = IF(@missing, '
  ALTER TABLE lane
    -- By which a lane can be taken that its batch''s run has lent to another node; NULL else.
    ADD COLUMN loan INT NULL,
    -- TRUE when its holder is asked to share its rest, FALSE when that was refused.
    ADD COLUMN share_wanted BOOLEAN NULL,
    -- Why its holder could not go on.
    ADD COLUMN failure MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL', 'DO 0');
PREPARE change_lane FROM @change;
EXECUTE change_lane;
DEALLOCATE PREPARE change_lane;
