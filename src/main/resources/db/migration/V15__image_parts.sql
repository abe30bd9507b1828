-- What is behind the first piece of an image that is larger than a packet may be.
CREATE TABLE IF NOT EXISTS chunk_record_part (
  -- In the order of the pieces.
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  batch BIGINT NOT NULL,
  record BIGINT NOT NULL,
  bytes LONGBLOB NOT NULL,
  KEY chunk_record_part_of_batch (batch, id),
  KEY chunk_record_part_of_record (record, id)
);
