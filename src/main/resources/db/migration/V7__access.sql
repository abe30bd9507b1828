-- IF NOT EXISTS: a start may have ended after a table was made and before that was noted.

-- Who may call. A row stays when its token is revoked.
CREATE TABLE IF NOT EXISTS access_token (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- SHA-256 of the token, which itself is nowhere.
  secret_hash BINARY(32) NOT NULL,
  role VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- Patterns of projects, one a line.
  projects TEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(3) NOT NULL,
  -- The token that it was made with; NULL for the first one, and where the service ran open.
  created_by VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  expires_at DATETIME(3) NULL,
  last_used_at DATETIME(3) NULL,
  revoked_at DATETIME(3) NULL,
  -- One live token a name, held by the database.
  live_name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin
    GENERATED ALWAYS AS (CASE WHEN revoked_at IS NULL THEN name END) STORED,
  UNIQUE KEY one_token_a_secret (secret_hash),
  UNIQUE KEY one_live_token_a_name (live_name)
);

-- Browsers that have signed in with a token, and not signed out.
CREATE TABLE IF NOT EXISTS sign_in (
  -- SHA-256 of what the cookie holds.
  id_hash BINARY(32) NOT NULL PRIMARY KEY,
  token BIGINT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  KEY sign_in_by_expiry (expires_at)
);
