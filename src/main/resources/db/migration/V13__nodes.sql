-- IF NOT EXISTS: a first start may have ended half way through.

-- The nodes of a cluster: one row for each process that takes part. Times are the server's.
CREATE TABLE IF NOT EXISTS node (
  -- Made up anew for each process.
  id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  name VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  version VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  pool_size INT NOT NULL,
  started_at DATETIME(3) NOT NULL,
  seen_at DATETIME(3) NOT NULL,
  -- A JSON array: the batches that it runs, and how they go.
  runs MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
);
