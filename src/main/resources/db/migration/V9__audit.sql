-- IF NOT EXISTS: a first start may have ended half way through.

-- Who did what, with which result. Rows are added and never changed or deleted; each carries the hash
-- of the one before, and its number counts without a gap.
CREATE TABLE IF NOT EXISTS audit (
  id BIGINT NOT NULL PRIMARY KEY,
  happened_at DATETIME(3) NOT NULL,
  -- The token's name; NULL where the service ran open.
  actor VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  -- NULL where nobody was known; 'service' for what happened by itself.
  actor_role VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  address VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  operation VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  -- Method and path.
  request VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  project VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  batch BIGINT NULL,
  -- Its beginning, and the hash of the whole.
  statement_text VARCHAR(2000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  statement_sha256 VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  -- A JSON object: what else was asked for, without the values of parameters.
  detail VARCHAR(2000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  http_status INT NULL,
  problem VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  previous_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  KEY audit_by_project (project, id),
  KEY audit_by_batch (batch, id),
  KEY audit_by_actor (actor, id),
  KEY audit_by_operation (operation, id)
);

-- The newest row's number and hash, in one row that whoever adds to the audit holds locked.
CREATE TABLE IF NOT EXISTS audit_head (
  one TINYINT NOT NULL PRIMARY KEY,
  id BIGINT NOT NULL,
  hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
);
INSERT IGNORE INTO audit_head (one, id, hash) VALUES (1, 0, REPEAT('0', 64));
