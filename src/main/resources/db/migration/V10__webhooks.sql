-- IF NOT EXISTS: a first start may have ended half way through.

-- What a webhook is to be told, stored together with the end of the batch that it is about.
CREATE TABLE IF NOT EXISTS webhook_delivery (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  -- The beginning of the URL's hash: the URL itself may hold a secret.
  target CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  batch BIGINT NOT NULL,
  -- PENDING, DELIVERED or FAILED.
  state VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  attempts INT NOT NULL DEFAULT 0,
  created_at DATETIME(3) NOT NULL,
  -- When it is to be tried; while it is being tried, when somebody else may.
  due_at DATETIME(3) NOT NULL,
  settled_at DATETIME(3) NULL,
  -- Why the last attempt was in vain.
  error VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NULL,
  UNIQUE KEY one_delivery_an_end (batch, target),
  KEY webhook_delivery_by_due (target, state, due_at),
  KEY webhook_delivery_by_end (state, settled_at)
);
