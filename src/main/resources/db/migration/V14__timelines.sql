-- IF NOT EXISTS: a first start may have ended half way through.

-- How batches went over time, of those that took a second or more. Times are the server's.
CREATE TABLE IF NOT EXISTS timeline (
  batch BIGINT NOT NULL PRIMARY KEY,
  -- Chunks of the batch by then: what knows of fewer does not take its place.
  chunks BIGINT NOT NULL,
  written_at DATETIME(3) NOT NULL,
  -- A JSON object.
  steps MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  KEY timeline_by_age (written_at)
);
