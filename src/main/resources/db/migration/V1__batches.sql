-- IF NOT EXISTS: a first start may have ended half way through.

-- Names are compared byte by byte: two projects that differ in case are two projects.
CREATE TABLE IF NOT EXISTS project (
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  last_batch BIGINT NOT NULL,
  KEY project_by_last_batch (last_batch)
);

CREATE TABLE IF NOT EXISTS batch (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  project VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  task VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  sql_text MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  parameters MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  mode VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  chunk_rows INT NOT NULL,
  reason VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  -- Tells a repeated request from a new one: the caller's Idempotency-Key, or one made up, so that a
  -- start whose commit was not answered can be found again.
  start_key VARCHAR(261) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  request_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  node VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  epoch INT NOT NULL DEFAULT 0,
  created_at DATETIME(3) NOT NULL,
  started_at DATETIME(3) NULL,
  finished_at DATETIME(3) NULL,
  error MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  -- One active batch a project, held by the database: the project while active, else NULL, and unique.
  active_project VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin
    GENERATED ALWAYS AS (CASE WHEN status IN ('QUEUED', 'RUNNING') THEN project END) STORED,
  UNIQUE KEY one_active_batch_a_project (active_project),
  UNIQUE KEY one_batch_a_start (start_key),
  KEY batch_by_project (project, id),
  KEY batch_by_project_and_status (project, status, id),
  KEY batch_by_status (status, id),
  KEY batch_by_mode (mode, id)
);

-- What the chunks write, apart from what control requests write, so that neither waits for the other.
CREATE TABLE IF NOT EXISTS lane (
  batch BIGINT NOT NULL,
  lane INT NOT NULL,
  epoch INT NOT NULL,
  -- With the extent known and no end there was nothing to do.
  extent_known BOOLEAN NOT NULL,
  after_cursor MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  end_cursor MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  rows_total BIGINT NULL,
  rows_scanned BIGINT NOT NULL,
  rows_changed BIGINT NOT NULL,
  chunks BIGINT NOT NULL,
  retries BIGINT NOT NULL,
  PRIMARY KEY (batch, lane)
);
