-- The tables of Rowmill, the same on MariaDB and MySQL.
--
-- A start that was killed before Flyway recorded this file runs it again. So every statement can
-- be repeated.
--
-- Times are in UTC. Names and keys have binary collations: names that differ in case are different.


-- Batches

CREATE TABLE IF NOT EXISTS project (
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY
    COMMENT 'Name of the project, as in the path of a request.',
  last_batch BIGINT NOT NULL
    COMMENT 'Id of the newest batch of the project.',
  KEY project_by_last_batch (last_batch)
) COMMENT 'Every project that has had a batch.';

CREATE TABLE IF NOT EXISTS batch (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY
    COMMENT 'Number of the batch. A newer batch has a higher number.',
  project VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Project that the batch belongs to: project.name.',
  kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'SQL for a statement, TASK for a task in Java, UNDO for the undo of another batch.',

  -- The work
  task VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'Name of the task in Java. NULL for other kinds.',
  sql_text MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'The statement as the caller sent it. NULL for other kinds.',
  walk VARCHAR(256) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Alias or name of the table whose key the chunks follow. NULL for the default table.',
  parameters MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'JSON object with the values of the parameters by name.',
  secrets VARCHAR(4000) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'Names of the secret parameters, separated by commas. Their values are deleted when the batch ends. NULL for none.',
  undoes BIGINT NULL
    COMMENT 'Id of the batch that this batch undoes. NULL unless the kind is UNDO.',
  skipped_of BIGINT NULL
    COMMENT 'Id of the batch whose skipped rows this batch is restricted to. NULL for none.',
  skipped_error INT NULL
    COMMENT 'Error number of the server that these rows had. NULL for all skipped rows.',
  skipped_retry BIGINT NULL
    COMMENT 'Id of the newest batch over the rows that this batch has skipped. NULL for none.',
  undone_by BIGINT NULL
    COMMENT 'Id of the undo that has restored every row that could be restored. NULL before.',
  undo_purged VARCHAR(6) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'PURGED when undo data have been deleted, UNDONE when an undo had restored rows of them before. NULL while they are complete.',

  -- The request
  submitted_by VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Name of the caller. NULL when the service runs without access control.',
  content_by TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'JSON array with the names of the other callers who stored what the batch changes: its schedule, or the batch whose skipped rows it retries. NULL for none.',
  reason VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Reason that the caller gave for the change.',
  statement_name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'Saved statement that started the batch: saved_statement.name. NULL for none.',
  labels MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'JSON object with the labels in values. The table batch_label has the same. NULL for none.',
  schedule VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'Schedule that started the batch: schedule.name. NULL for none.',
  start_at DATETIME(3) NULL
    COMMENT 'Time before which the batch does not start. NULL for none.',
  queues BOOLEAN NOT NULL DEFAULT FALSE
    COMMENT 'Whether a batch with start_at waits for its project when it is due. Otherwise it is cancelled when the project is busy.',
  start_key VARCHAR(261) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Identifies a repeated start: key: and the Idempotency-Key of the request, fire: and the schedule and time of a firing, else start: and a random UUID.',
  request_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'SHA-256 of the request, hexadecimal. A repeated start must have the same hash.',
  trace_parent VARCHAR(55) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'Trace context (W3C traceparent) of the request. NULL when the request is not traced.',
  definition CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'Definition of the tables at the start, which a retry compares: table_definition.digest. NULL where the work has none.',
  created_at DATETIME(3) NOT NULL
    COMMENT 'Time at which the batch was stored.',

  -- The settings of the run
  mode VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'PARALLEL, or SERIAL for a batch that waits in the serial queue.',
  chunk_rows INT NULL
    COMMENT 'Fixed number of rows of a chunk. NULL when the size follows target_millis.',
  target_millis INT NULL
    COMMENT 'Intended duration of a chunk in milliseconds. NULL when chunk_rows is fixed.',
  lanes INT NOT NULL DEFAULT 1
    COMMENT 'Requested number of lanes. 0 when it is chosen while the batch runs.',
  limits VARCHAR(1000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '{}'
    COMMENT 'JSON object with the throttle limits that differ from the configured ones.',

  -- The safeguards
  safeguards MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'JSON object with keep (whether chunks store undo data: NO, IF_POSSIBLE or YES), check (a SELECT that must return true), canaryChunks, the confirmations wholeTable and ignore, bounds (maxRows, maxDurationMillis, window), and onError (mode, and how many rows may be skipped). NULL for none.',
  approval_rows BIGINT NULL
    COMMENT 'Number of rows that the batch plans to change. NULL when it needs no approval.',
  approval_exact BOOLEAN NOT NULL DEFAULT FALSE
    COMMENT 'Whether approval_rows was counted. FALSE for an estimate of the server.',
  approval_usual VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'JSON object with median and factor, when it needs an approval because it plans unusually many rows for its schedule. NULL otherwise.',
  approved_by VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Name of the caller who approved the batch. NULL before, and without access control.',
  approved_at DATETIME(3) NULL
    COMMENT 'Time of the approval. NULL before.',
  approved_by_schedule BOOLEAN NOT NULL DEFAULT FALSE
    COMMENT 'Whether the approval is that of its schedule. FALSE when the batch itself was approved, and before.',

  -- The batches that it waits for, and those that wait for it
  chain BIGINT NULL
    COMMENT 'Chain of which it is a step: chain.id. NULL for none.',
  step VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'Name of the step in its chain. NULL for none.',
  conditions INT NOT NULL DEFAULT 0
    COMMENT 'Number of its conditions: rows of batch_condition.',
  open_conditions INT NOT NULL DEFAULT 0
    COMMENT 'Number of conditions that are not met yet, and one more while its chain is paused. 0 after the end of the batch.',
  dependents INT NOT NULL DEFAULT 0
    COMMENT 'Number of batches that were stored to wait for this one. Without any, its end evaluates no conditions.',
  lock_count INT UNSIGNED NOT NULL DEFAULT 0
    COMMENT 'Number of undos and retries of skipped rows that have locked the batch. Written because a Galera cluster replicates writes only, and no locks.',

  -- The status
  status VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'SCHEDULED, WAITING, QUEUED, RUNNING, PAUSED, SUCCEEDED, FAILED or CANCELLED.',
  active_project VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin
    GENERATED ALWAYS AS (CASE WHEN status IN ('QUEUED', 'RUNNING', 'PAUSED') THEN project END) STORED
    COMMENT 'The project while the batch is active, else NULL. Its unique key permits one active batch per project.',
  wanted VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'Status that a running batch changes to after its current chunk: PAUSED or CANCELLED. NULL for no request.',
  forced BOOLEAN NOT NULL DEFAULT FALSE
    COMMENT 'Whether the request in wanted also aborts the current statement.',
  hold VARCHAR(2000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'JSON object with reason, detail and since, when something other than a request paused the batch.',
  node VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Name of the node of the newest run. NULL before the first run.',
  epoch INT NOT NULL DEFAULT 0
    COMMENT 'Raised by each run and each retry. It is the fencing token: only the newest run may write.',
  started_at DATETIME(3) NULL
    COMMENT 'Time at which the first run began.',
  finished_at DATETIME(3) NULL
    COMMENT 'Time at which the batch ended. NULL again after a retry.',
  ran_millis BIGINT NOT NULL DEFAULT 0
    COMMENT 'Total duration of the runs so far in milliseconds, without killed runs. Counted only when maxDurationMillis is set.',
  error MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'JSON object with the failure of a failed batch, or of the batch that a cancelled one depended on.',

  UNIQUE KEY one_batch_a_start (start_key),
  UNIQUE KEY one_active_batch_a_project (active_project),
  UNIQUE KEY one_batch_a_step (chain, step),
  KEY batch_by_project (project, id),
  KEY batch_by_undoes (undoes),
  KEY batch_by_status_and_mode (status, mode, id),
  KEY batch_by_project_status_and_mode (project, status, mode, id)
) COMMENT 'Every batch, with its request, settings and status.';

CREATE TABLE IF NOT EXISTS table_definition (
  digest CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY
    COMMENT 'SHA-256 of the definition, hexadecimal.',
  definition MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'JSON object with the definition of each table by part.'
) COMMENT 'Definitions of the tables that batches change, each stored once.';

-- Chunks write here, and control requests write to batch. So neither waits for the other.
CREATE TABLE IF NOT EXISTS lane (
  batch BIGINT NOT NULL
    COMMENT 'The batch: batch.id.',
  lane INT NOT NULL
    COMMENT 'Number of the lane within the batch, from 0.',

  -- The holder
  epoch INT NOT NULL
    COMMENT 'Fencing token of the lane, raised whenever another run or node takes it. Only the newest holder may write.',
  lease INT NULL
    COMMENT 'Epoch with which the lane was leased to other nodes. A higher epoch means that one has taken it. NULL without a lease.',
  share_wanted BOOLEAN NULL
    COMMENT 'TRUE when the holder should share its remaining range, FALSE when that range is too small, NULL without a request.',
  failure MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'JSON object with the failure that made the last holder return the lane. NULL for none.',

  -- The checkpoint
  extent_known BOOLEAN NOT NULL
    COMMENT 'Whether the range is determined. Known and without end_cursor, it has no rows.',
  begin_cursor MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Key after which the range begins. NULL for the first key.',
  after_cursor MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Checkpoint: last key of the last finished chunk. NULL before the first chunk of a range without begin_cursor.',
  end_cursor MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Last key of the range.',
  limit_reached BOOLEAN NOT NULL DEFAULT FALSE
    COMMENT 'Whether the range ends at the last row that a LIMIT admits.',
  chunk_rows INT NULL
    COMMENT 'Number of rows of the next chunk. NULL before the first chunk.',

  -- The counts of finished chunks
  rows_total BIGINT NULL
    COMMENT 'Number of rows of the range; an estimate until its end is reached. NULL when unknown.',
  rows_scanned BIGINT NOT NULL
    COMMENT 'Number of rows that the finished chunks covered.',
  rows_changed BIGINT NOT NULL
    COMMENT 'Number of rows that the finished chunks changed.',
  rows_ignored BIGINT NULL DEFAULT 0
    COMMENT 'Number of rows that IGNORE skipped because of an error. NULL when the server did not report all of them.',
  rows_skipped BIGINT NOT NULL DEFAULT 0
    COMMENT 'Number of rows that rejected their change and were passed over: the rows of skipped_row.',
  chunks BIGINT NOT NULL
    COMMENT 'Number of finished chunks.',
  retries BIGINT NOT NULL
    COMMENT 'Number of retries after transient errors.',
  undo_rows BIGINT NOT NULL DEFAULT 0
    COMMENT 'Number of row images that the chunks stored.',
  undo_bytes BIGINT NOT NULL DEFAULT 0
    COMMENT 'Size of these row images in bytes.',

  PRIMARY KEY (batch, lane)
) COMMENT 'Lanes of the batches: range, checkpoint and counts of each.';

CREATE TABLE IF NOT EXISTS batch_wait (
  batch BIGINT NOT NULL
    COMMENT 'The batch: batch.id.',
  reason VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Reason of the wait, such as replica-lag.',
  millis BIGINT NOT NULL
    COMMENT 'Total duration of the waits for this reason in milliseconds.',
  PRIMARY KEY (batch, reason)
) COMMENT 'How long batches have waited, by reason.';

CREATE TABLE IF NOT EXISTS batch_condition (
  batch BIGINT NOT NULL
    COMMENT 'The batch that waits: batch.id.',
  predecessor BIGINT NOT NULL
    COMMENT 'The batch that it waits for: batch.id, a lower one.',
  expects VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'How the predecessor must end: SUCCEEDED, ENDED or FAILED.',
  implied BOOLEAN NOT NULL
    COMMENT 'Whether it follows from queueAfter. FALSE when the caller named the predecessor.',
  met BOOLEAN NOT NULL
    COMMENT 'Whether the predecessor has ended so.',
  PRIMARY KEY (batch, predecessor, expects),
  KEY batch_condition_by_predecessor (predecessor, met)
) COMMENT 'Ends of other batches for which batches wait before they are queued.';

CREATE TABLE IF NOT EXISTS chain (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY
    COMMENT 'Number of the chain. A newer chain has a higher number.',
  name VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Name that the caller gave to it. NULL for none.',
  submitted_by VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Name of the caller. NULL when the service runs without access control.',
  chain_key VARCHAR(261) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Identifies a repeated request: key: and its Idempotency-Key, else start: and a random UUID.',
  request_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'SHA-256 of the request, hexadecimal. A repeated request must have the same hash.',
  undo_of BIGINT NULL
    COMMENT 'The chain that it undoes: chain.id. NULL when its steps are no undos.',
  paused BOOLEAN NOT NULL DEFAULT FALSE
    COMMENT 'Whether no further step is queued until the chain is resumed.',
  lock_count INT UNSIGNED NOT NULL DEFAULT 0
    COMMENT 'Number of retries and undos that have locked the chain. Written because a Galera cluster replicates writes only, and no locks.',
  created_at DATETIME(3) NOT NULL
    COMMENT 'Time at which the chain was stored.',
  UNIQUE KEY one_chain_a_request (chain_key),
  KEY chain_by_undo_of (undo_of)
) COMMENT 'Chains: batches that were stored together and wait for each other.';

CREATE TABLE IF NOT EXISTS batch_label (
  batch BIGINT NOT NULL
    COMMENT 'The batch: batch.id.',
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Name of the label.',
  value VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'Value of the label.',
  PRIMARY KEY (batch, name),
  KEY batch_label_by_value (name, value, batch)
) COMMENT 'Labels of batches, by which lists are filtered.';

CREATE TABLE IF NOT EXISTS chunk_size (
  subject VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY
    COMMENT 'The changed table, or the name of the task in Java.',
  chunk_rows INT NOT NULL
    COMMENT 'Rows of a chunk when the last batch ended. The next batch begins with it.',
  row_nanos BIGINT NULL
    COMMENT 'Nanoseconds per row of the last batch. NULL when unknown.'
) COMMENT 'Chunk size and speed of the last batch on each table.';

CREATE TABLE IF NOT EXISTS timeline (
  batch BIGINT NOT NULL PRIMARY KEY
    COMMENT 'The batch: batch.id.',
  chunks BIGINT NOT NULL
    COMMENT 'Number of chunks of the batch when the steps were written. A node with fewer chunks does not overwrite them.',
  written_at DATETIME(3) NOT NULL
    COMMENT 'Time of the last write, by the clock of the database.',
  steps MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'JSON object with the progress and the waits in each step of time.',
  KEY timeline_by_age (written_at)
) COMMENT 'Speed of batches over time, of those that ran for a second or more.';


-- Plans and saved statements

CREATE TABLE IF NOT EXISTS batch_plan (
  id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY
    COMMENT 'Random id of the plan.',
  project VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Project that the plan was made for.',
  request MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'JSON object with the specification of the batch and onBusy.',
  definition MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'JSON object with the definition of each table by part. A start of the plan compares it. NULL for a task in Java.',
  matching_rows BIGINT NULL
    COMMENT 'Number of rows that matched. NULL when they were not all counted.',
  created_at DATETIME(3) NOT NULL
    COMMENT 'Time at which the plan was made.',
  expires_at DATETIME(3) NOT NULL
    COMMENT 'Time after which the plan can no longer be started. It is deleted a day later.',
  KEY batch_plan_by_expiry (expires_at)
) COMMENT 'Plans that a start can refer to.';

CREATE TABLE IF NOT EXISTS saved_statement (
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY
    COMMENT 'Name under which the statement is started.',
  definition MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'JSON object with the SQL, the rules of its parameters, projects and bounds.',
  version INT NOT NULL DEFAULT 1
    COMMENT 'Version of the definition, from 1, raised by each change.',
  updated_by VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Name of the caller who saved this version. NULL when the service runs without access control.',
  updated_at DATETIME(3) NOT NULL
    COMMENT 'Time at which this version was saved.'
) COMMENT 'Statements that admins have saved for others to start by name.';

CREATE TABLE IF NOT EXISTS http_task (
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY
    COMMENT 'Name under which the task is started.',
  description VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'What the task does.',
  url VARCHAR(2000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Address to which chunks are sent. NULL if workers lease them.',
  secret VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Secret that signs the requests. NULL without an address.',
  timeout_millis INT NOT NULL
    COMMENT 'Time until the whole response, or of a lease, in milliseconds.',
  concurrency INT NOT NULL
    COMMENT 'Maximum number of calls of a batch in flight on a node.',
  parameters MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'JSON Schema of the parameters.',
  updated_by VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Name of the caller who stored the task. NULL when the service runs without access control.',
  updated_at DATETIME(3) NOT NULL
    COMMENT 'Time at which the task was stored.'
) COMMENT 'Tasks that other services do over HTTP.';

CREATE TABLE IF NOT EXISTS task_offer (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY
    COMMENT 'Number of the offer. Chunks are leased in this order.',
  task VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'The task: http_task.name.',
  project VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Project of the batch, whose chunks a worker must be allowed to see.',
  batch BIGINT NOT NULL
    COMMENT 'The batch: batch.id.',
  node CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'The process that offers the chunk and takes the answer. Empty after that.',
  attempt INT NOT NULL
    COMMENT 'Number of leases so far.',
  body LONGBLOB NOT NULL
    COMMENT 'The request as JSON, with the rows of the chunk.',
  lease CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'Name of the newest lease. NULL before the first.',
  leased_until DATETIME(3) NULL
    COMMENT 'Time at which the newest lease expires. NULL before the first.',
  done TINYINT NOT NULL DEFAULT 0
    COMMENT '1 when a worker has completed the chunk, 2 when its answer was taken.',
  answer LONGBLOB NULL
    COMMENT 'The answer as JSON. NULL when all rows stay as they are.',
  kept_until DATETIME(3) NOT NULL
    COMMENT 'Time until which the process keeps the offer; it moves while the process lives. After the answer was taken: until when its completion may be repeated.',
  KEY by_task (task, done, id),
  KEY by_node (node),
  KEY by_lease (lease),
  KEY by_keep (kept_until)
) COMMENT 'Chunks of HTTP tasks that are offered to workers.';


-- Rows that were passed over

CREATE TABLE IF NOT EXISTS export_part (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY
    COMMENT 'Number of the part.',
  batch BIGINT NOT NULL
    COMMENT 'The batch: batch.id.',
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Name of the file, in the place of the batch.',
  of_table VARCHAR(261) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Quoted name of the table whose rows an archive has written. NULL for an export.',
  lane INT NOT NULL
    COMMENT 'The lane that wrote the file: lane.lane.',
  after_cursor MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Key after which its rows begin. NULL for the first key.',
  upto_cursor MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'Last key of its rows.',
  row_count BIGINT NOT NULL
    COMMENT 'Number of rows in the file.',
  bytes BIGINT NOT NULL
    COMMENT 'Size of the file in bytes.',
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'SHA-256 of the file, hexadecimal.',
  column_digest CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'SHA-256 of the names and types of its columns, hexadecimal. Parts with different ones show that the table was altered.',
  lost_values MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'JSON object with the number of values, by the name of their column, that the file does not have as they were: zero dates in Parquet, and bytes that are no characters.',
  UNIQUE KEY export_part_of_batch (batch, name)
) COMMENT 'Files that exports and archives have written. Each is stored in the transaction of its chunk.';
CREATE TABLE IF NOT EXISTS installation (
  one INT NOT NULL PRIMARY KEY
    COMMENT 'Always 1: the table has one row.',
  id CHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Random id. The places of exports have it in their names, so that installations can share them.'
) COMMENT 'This installation of Rowmill.';

INSERT IGNORE INTO installation (one, id) VALUES (1, LEFT(SHA2(CONCAT(UUID(), RAND()), 256), 12));

CREATE TABLE IF NOT EXISTS export_manifest (
  batch BIGINT NOT NULL PRIMARY KEY
    COMMENT 'The batch: batch.id.',
  manifest LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'The JSON that was written beside the files.'
) COMMENT 'Manifests of exports that have succeeded, and of archives to files as far as they came.';
CREATE TABLE IF NOT EXISTS skipped_row (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY
    COMMENT 'Number of the note. Within a lane, notes are numbered in the order of the rows.',
  batch BIGINT NOT NULL
    COMMENT 'The batch: batch.id.',
  lane INT NOT NULL
    COMMENT 'The lane that met the row: lane.lane.',
  row_cursor MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'Position of the row in the work.',
  row_key MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'JSON object with the key columns of the row and their values as text.',
  error INT NOT NULL
    COMMENT 'Error number of the server.',
  sql_state VARCHAR(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'SQLSTATE of the error. NULL when the server sent none.',
  message TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'Message of the error, with secret values masked.',
  after_cursor MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Key after which the chunk of the row begins. NULL for the first key.',
  upto_cursor MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'Last key of that chunk.',
  retried_by BIGINT NULL
    COMMENT 'Id of the batch that has processed the row again, in the transaction of its chunk. NULL before.',
  KEY skipped_row_of_batch (batch, id, retried_by),
  KEY skipped_row_by_error (batch, error, id, retried_by)
) COMMENT 'Rows that rejected their change. Each is noted in the transaction of its chunk.';


-- Undo

CREATE TABLE IF NOT EXISTS chunk_record (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY
    COMMENT 'Number of the record. Within a lane, records are numbered in the order of the commits.',
  batch BIGINT NOT NULL
    COMMENT 'The batch of the chunk: batch.id.',
  lane INT NOT NULL
    COMMENT 'The lane of the chunk: lane.lane.',
  after_cursor MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Key after which the chunk begins. NULL for the first key.',
  upto_cursor MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'Last key of the chunk.',
  rows_scanned BIGINT NOT NULL
    COMMENT 'Number of rows that the chunk covered.',
  rows_changed BIGINT NOT NULL
    COMMENT 'Number of rows that the chunk changed.',
  rows_skipped BIGINT NOT NULL DEFAULT 0
    COMMENT 'Number of rows that rejected their change and were passed over.',
  image_rows INT NOT NULL
    COMMENT 'Number of rows in the undo image.',
  image_bytes INT NOT NULL
    COMMENT 'Size of the whole undo image in bytes.',
  undone_rows INT NOT NULL DEFAULT 0
    COMMENT 'Number of rows, from the end of the image, that an undo has processed.',
  image LONGBLOB NOT NULL
    COMMENT 'Undo image of the chunk, or its first part when it is large. Empty without undo data.',
  KEY chunk_record_of_batch (batch, id, image_bytes)
) COMMENT 'Finished chunks of batches that can be undone, with their undo images.';

CREATE TABLE IF NOT EXISTS chunk_record_part (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY
    COMMENT 'Number of the part. The parts of an image follow each other in this order.',
  batch BIGINT NOT NULL
    COMMENT 'The batch of the chunk: batch.id.',
  record BIGINT NOT NULL
    COMMENT 'The record that holds the first part: chunk_record.id.',
  bytes LONGBLOB NOT NULL
    COMMENT 'Content of the part.',
  KEY chunk_record_part_of_batch (batch, id),
  KEY chunk_record_part_of_record (record, id)
) COMMENT 'Further parts of undo images that are too large for one packet.';

CREATE TABLE IF NOT EXISTS undo_conflict (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY
    COMMENT 'Number of the conflict, in the order in which they were found.',
  batch BIGINT NOT NULL
    COMMENT 'The undo: batch.id.',
  row_key MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'JSON object with the key columns of the row and their values as text.',
  reason VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Code of the reason, such as changed.',
  detail TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Description of the conflict, in English.',
  KEY undo_conflict_of_batch (batch, id)
) COMMENT 'Rows that an undo did not restore.';

CREATE TABLE IF NOT EXISTS upload (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY
    COMMENT 'Number of the upload. Its rows are in the table upload_rows_<id>.',
  project VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Project whose batches may use it.',
  table_schema VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'Schema of the table that the file was read for.',
  table_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'Name of the table that the file was read for.',
  format VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Format of the file, such as CSV.',
  status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'LOADING, READY, REJECTED or DELETED.',
  file_columns MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'JSON array with the columns of the file and their types.',
  line_count BIGINT NOT NULL
    COMMENT 'Lines that were read, without the header.',
  byte_count BIGINT NOT NULL
    COMMENT 'Bytes that were read.',
  error_count INT NOT NULL
    COMMENT 'Errors that were found.',
  created_at DATETIME(3) NOT NULL
    COMMENT 'Time at which the upload began.',
  created_by VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'Caller that has sent the file.',
  seen_at DATETIME(3) NOT NULL
    COMMENT 'Time at which rows were last stored. While LOADING, shows that the upload is alive.',
  expires_at DATETIME(3) NOT NULL
    COMMENT 'Time after which it is deleted.',
  unique_columns TEXT CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'Columns of its table that were found to be unique together. NULL if none were checked.',
  batch BIGINT NULL
    COMMENT 'Batch that has used it last: batch.id.'
) COMMENT 'Files that were read into tables.';

CREATE TABLE IF NOT EXISTS upload_error (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY
    COMMENT 'Number of the error, in the order in which they were found.',
  upload BIGINT NOT NULL
    COMMENT 'Its upload: upload.id.',
  line BIGINT NOT NULL
    COMMENT 'Number of the line in the file, from 1.',
  message TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'What is wrong, in English.',
  KEY upload_error_of_upload (upload, id)
) COMMENT 'Lines of uploads that were rejected.';


-- Access control and audit

CREATE TABLE IF NOT EXISTS access_token (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY
    COMMENT 'Number of the token.',
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Name of the token, and so of the caller that uses it.',
  secret_hash BINARY(32) NOT NULL
    COMMENT 'SHA-256 of the token. The token itself is not stored.',
  role VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'viewer, operator, author or admin.',
  projects TEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Patterns of the permitted projects, one per line.',
  created_at DATETIME(3) NOT NULL
    COMMENT 'Time at which the token was made.',
  created_by VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'Name of the token that made this one. NULL for the first token, and without access control.',
  expires_at DATETIME(3) NULL
    COMMENT 'Time after which the token is invalid. NULL for never.',
  last_used_at DATETIME(3) NULL
    COMMENT 'Approximate time of the last request with the token. NULL before the first.',
  revoked_at DATETIME(3) NULL
    COMMENT 'Time at which the token was revoked. NULL while it is live.',
  live_name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin
    GENERATED ALWAYS AS (CASE WHEN revoked_at IS NULL THEN name END) STORED
    COMMENT 'The name until the token is revoked, then NULL. Its unique key permits one live token per name.',
  UNIQUE KEY one_token_a_secret (secret_hash),
  UNIQUE KEY one_live_token_a_name (live_name)
) COMMENT 'Tokens that callers authenticate with. Revoked tokens remain.';

CREATE TABLE IF NOT EXISTS sign_in (
  id_hash BINARY(32) NOT NULL PRIMARY KEY
    COMMENT 'SHA-256 of the value of the cookie.',
  token BIGINT NOT NULL
    COMMENT 'Token that opened the session: access_token.id.',
  created_at DATETIME(3) NOT NULL
    COMMENT 'Time at which the session was opened.',
  expires_at DATETIME(3) NOT NULL
    COMMENT 'Time after which the session is invalid.',
  KEY sign_in_by_expiry (expires_at)
) COMMENT 'Open sessions of browsers.';

-- Rows are inserted, and never updated or deleted. Each row carries the hash of the row before.
CREATE TABLE IF NOT EXISTS audit (
  id BIGINT NOT NULL PRIMARY KEY
    COMMENT 'Number of the row, counted without gaps.',
  happened_at DATETIME(3) NOT NULL
    COMMENT 'Time of the event.',
  actor VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Name of the caller, or rowmill for an event of the service. NULL without access control.',
  actor_role VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Role of the caller, or service for an event of the service. NULL when the caller is unknown.',
  address VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Network address of the caller.',
  operation VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'Name of the operation in the OpenAPI document, or of the event.',
  request VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Method and path of the request.',
  project VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Project of the request or event.',
  batch BIGINT NULL
    COMMENT 'Id of the batch of the request or event.',
  statement_text VARCHAR(2000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'First characters of the statement.',
  statement_sha256 VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'SHA-256 of the whole statement, hexadecimal.',
  detail VARCHAR(2000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'JSON object with further members of the request, without the values of parameters.',
  http_status INT NULL
    COMMENT 'Status code of the response.',
  problem VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Type of the problem when the request was rejected.',
  previous_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Hash of the row before, hexadecimal; 64 zeros for the first row.',
  hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'SHA-256 of the other columns of this row, hexadecimal.',
  KEY audit_by_project (project, id),
  KEY audit_by_batch (batch, id),
  KEY audit_by_actor (actor, id),
  KEY audit_by_operation (operation, id)
) COMMENT 'Audit of requests and events, as a chain of hashes.';

CREATE TABLE IF NOT EXISTS audit_head (
  one TINYINT NOT NULL PRIMARY KEY
    COMMENT 'Always 1: the table has one row.',
  id BIGINT NOT NULL
    COMMENT 'Number of the newest row: audit.id. 0 before the first.',
  hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Hash of the newest row: audit.hash. 64 zeros before the first.'
) COMMENT 'End of the audit. Each transaction that appends to the audit locks this row.';

INSERT IGNORE INTO audit_head (one, id, hash) VALUES (1, 0, REPEAT('0', 64));


-- Webhooks

CREATE TABLE IF NOT EXISTS webhook_delivery (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY
    COMMENT 'Number of the delivery.',
  target CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'First half of the SHA-256 of the URL, hexadecimal. The URL may contain a secret and is not stored.',
  type VARCHAR(15) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'BATCH_ENDED, APPROVAL_WANTED when a batch begins to wait for an approval, SCHEDULE_FAILED or SCHEDULE_MISSED for a run of a schedule.',
  subject BIGINT NOT NULL
    COMMENT 'The batch or the schedule: batch.id or schedule.id.',
  occurrence BIGINT NOT NULL
    COMMENT 'Epoch of the batch, which is higher after a retry. Time of the firing in milliseconds since 1970 for a schedule.',
  occurred_at DATETIME(3) NOT NULL
    COMMENT 'Time of the event, such as the end of the batch.',
  run MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'JSON object with the run of a schedule. NULL for batches.',
  status VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'Status in which the batch ended. NULL for other events.',
  failure VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Type of the problem of a failed batch. NULL for none.',
  rows_scanned BIGINT NOT NULL DEFAULT 0
    COMMENT 'Number of rows that the batch had covered at its end.',
  rows_changed BIGINT NOT NULL DEFAULT 0
    COMMENT 'Number of rows that the batch had changed at its end.',
  rows_skipped BIGINT NOT NULL DEFAULT 0
    COMMENT 'Number of rows that the batch had passed over at its end.',
  state VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'PENDING, DELIVERED or FAILED.',
  attempts INT NOT NULL DEFAULT 0
    COMMENT 'Number of attempts so far.',
  created_at DATETIME(3) NOT NULL
    COMMENT 'Time at which the delivery was stored.',
  due_at DATETIME(3) NOT NULL
    COMMENT 'Time of the next attempt. During an attempt, the time at which its lease ends.',
  settled_at DATETIME(3) NULL
    COMMENT 'Time at which the delivery succeeded or was given up. NULL before.',
  error VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'Error of the last attempt. NULL for none.',
  UNIQUE KEY one_delivery_an_event (type, subject, occurrence, target),
  KEY webhook_delivery_by_due (target, state, due_at),
  KEY webhook_delivery_by_end (state, settled_at)
) COMMENT 'Outbox of the webhooks, written in the transaction of the event.';


-- Schedules

CREATE TABLE IF NOT EXISTS schedule (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY
    COMMENT 'Number of the schedule. It is never used again.',
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Name of the schedule, as in the path of a request.',
  project VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Project in which it starts batches.',
  definition MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'JSON object with the times, the rules of firings, and the body of the start.',
  enabled BOOLEAN NOT NULL
    COMMENT 'Whether it fires. FALSE while it is paused.',
  version INT NOT NULL DEFAULT 1
    COMMENT 'Version of the definition, from 1, raised by each change.',
  updated_by VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Name of the caller who stored this version. NULL when the service runs without access control.',
  updated_at DATETIME(3) NOT NULL
    COMMENT 'Time at which this version was stored.',
  content INT NOT NULL DEFAULT 1
    COMMENT 'Version of what its batches change, from 1, raised by each change of that. A change of the times alone does not raise it.',
  content_by VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Name of the caller who stored what its batches change. NULL when the service runs without access control.',
  approved_content VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'What was approved: id, content, and the SHA-256 of the saved statement, hexadecimal, if it has one. NULL before.',
  approved_by VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'Name of the caller who approved it. NULL before, and without access control.',
  approved_at DATETIME(3) NULL
    COMMENT 'Time of the approval. NULL before.',
  approved_until DATETIME(3) NULL
    COMMENT 'Time at which the approval expires. NULL before.',
  UNIQUE KEY one_schedule_a_name (name)
) COMMENT 'Schedules, which start batches again and again.';

CREATE TABLE IF NOT EXISTS schedule_label (
  schedule VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'The schedule: schedule.name, in the order of which lists are shown.',
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Name of the label.',
  value VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'Value of the label.',
  PRIMARY KEY (schedule, name),
  KEY schedule_label_by_value (name, value, schedule)
) COMMENT 'Labels of schedules, by which lists are filtered. The definition of the schedule has the same.';

CREATE TABLE IF NOT EXISTS schedule_run (
  schedule BIGINT NOT NULL
    COMMENT 'The schedule: schedule.id.',
  fire_at DATETIME(3) NOT NULL
    COMMENT 'Time for which the firing was due, or of the request to run it.',
  manual BOOLEAN NOT NULL
    COMMENT 'Whether a caller requested the run.',
  fired_at DATETIME(3) NOT NULL
    COMMENT 'Time at which it was carried out.',
  outcome VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'STARTED, SKIPPED_BUSY, MISSED or FAILED.',
  batch BIGINT NULL
    COMMENT 'The batch that it started: batch.id. NULL for none.',
  missed INT NOT NULL DEFAULT 0
    COMMENT 'Number of earlier firings that were missed and that this one stands for.',
  planned_rows BIGINT NULL
    COMMENT 'Number of rows that the batch plans to change. NULL for no batch, and when they were not counted.',
  planned_exact BOOLEAN NOT NULL DEFAULT FALSE
    COMMENT 'Whether planned_rows was counted. FALSE for an estimate of the server.',
  usual VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'JSON object with median and factor, when planned_rows is unusual: batch.approval_usual. NULL otherwise.',
  problem MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'JSON object with the failure that prevented the start. NULL for none.',
  PRIMARY KEY (schedule, fire_at),
  KEY schedule_run_by_outcome (schedule, outcome, fire_at)
) COMMENT 'Firings of schedules. A row is stored in the transaction that stores the batch.';

-- The table of db-scheduler for what is due at a time, in local and in cluster mode.
CREATE TABLE IF NOT EXISTS due (
  task_name VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'start for a batch with start_at, schedule for the next firing of a schedule.',
  task_instance VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Id of the batch or of the schedule in decimal digits.',
  task_data BLOB NULL
    COMMENT 'Always NULL.',
  execution_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
    COMMENT 'Time at which it is due.',
  picked BOOLEAN NOT NULL
    COMMENT 'Whether a node has taken it.',
  picked_by VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'The node that has taken it.',
  last_success TIMESTAMP(6) NULL
    COMMENT 'Used by db-scheduler.',
  last_failure TIMESTAMP(6) NULL
    COMMENT 'Used by db-scheduler.',
  consecutive_failures INT NULL
    COMMENT 'Used by db-scheduler.',
  last_heartbeat TIMESTAMP(6) NULL
    COMMENT 'Time at which it was taken, or of the last heartbeat since.',
  version BIGINT NOT NULL
    COMMENT 'Version of the row for optimistic locking.',
  priority SMALLINT NULL
    COMMENT 'Used by db-scheduler.',
  PRIMARY KEY (task_name, task_instance),
  KEY due_by_time (execution_time),
  KEY due_by_heartbeat (last_heartbeat)
) COMMENT 'What is due at a time: scheduled batches, and the next firing of each schedule.';


-- Cluster mode

-- The table of db-scheduler, as its documentation defines it.
CREATE TABLE IF NOT EXISTS launch (
  task_name VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'batch for the run of a batch, lane for a leased lane.',
  task_instance VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    COMMENT 'Batch id and lowest epoch of the run (7/1), or batch id, lane and lease (7/2/3).',
  task_data BLOB NULL
    COMMENT 'Batch id in decimal digits.',
  execution_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
    COMMENT 'Time at which the launch is due.',
  picked BOOLEAN NOT NULL
    COMMENT 'Whether a node has taken the launch.',
  picked_by VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
    COMMENT 'The node that has taken the launch.',
  last_success TIMESTAMP(6) NULL
    COMMENT 'Used by db-scheduler.',
  last_failure TIMESTAMP(6) NULL
    COMMENT 'Used by db-scheduler.',
  consecutive_failures INT NULL
    COMMENT 'Used by db-scheduler.',
  last_heartbeat TIMESTAMP(6) NULL
    COMMENT 'Time of the last heartbeat of the node that has taken the launch.',
  version BIGINT NOT NULL
    COMMENT 'Version of the row for optimistic locking.',
  priority SMALLINT NULL
    COMMENT 'Used by db-scheduler.',
  PRIMARY KEY (task_name, task_instance),
  KEY launch_by_time (execution_time),
  KEY launch_by_heartbeat (last_heartbeat)
) COMMENT 'Launches that nodes take from db-scheduler.';

CREATE TABLE IF NOT EXISTS serial_queue (
  seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY
    COMMENT 'Order in the queue. The batch with the lowest number may run.',
  batch BIGINT NOT NULL
    COMMENT 'The batch: batch.id.',
  UNIQUE KEY once_in_queue (batch)
) COMMENT 'Queue of the serial batches of all nodes, in the order of the requests.';

-- Galera does not replicate row locks of reads. So the lock of the queue is a write.
CREATE TABLE IF NOT EXISTS serial_queue_lock (
  one INT NOT NULL PRIMARY KEY
    COMMENT 'Always 1: the table has one row.',
  passed BIGINT NOT NULL DEFAULT 0
    COMMENT 'Number of locks so far.'
) COMMENT 'Lock of the serial queue. Each transaction that changes the queue updates this row first.';

INSERT IGNORE INTO serial_queue_lock (one) VALUES (1);

CREATE TABLE IF NOT EXISTS node (
  id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY
    COMMENT 'Random id of the process.',
  name VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'Name of the node.',
  version VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'Version of Rowmill.',
  pool_size INT NOT NULL
    COMMENT 'Number of threads of its pool.',
  started_at DATETIME(3) NOT NULL
    COMMENT 'Time at which the process started, by the clock of the database.',
  seen_at DATETIME(3) NOT NULL
    COMMENT 'Time of the last heartbeat, by the clock of the database.',
  runs MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    COMMENT 'JSON array with the running batches of the node and their speed.'
) COMMENT 'Nodes of the cluster, one row for each process.';
