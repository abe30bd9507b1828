#!/usr/bin/env bash
# InnoDB: with a user-defined FTS_DOC_ID column, no text of a FULLTEXT index can be updated.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb
start_mysql

words <<'END'
A table may use FTS_DOC_ID, the column that identifies its rows in a FULLTEXT index, as its primary
key. An UPDATE of an indexed text then fails with error 182 unless it gives the row a higher id than
all previous ones. REPLACE and ON DUPLICATE KEY UPDATE fail in the same way. A deleted row can't be
inserted again, not even in the same transaction, nor with INSERT IGNORE. Other columns can be
updated. Both servers behave like this.
END

sql="CREATE TABLE note (
  FTS_DOC_ID BIGINT UNSIGNED PRIMARY KEY, body VARCHAR(50), stars INT, FULLTEXT KEY (body));
INSERT INTO note VALUES (1, 'rye bread', 0), (2, 'oat cake', 0), (3, 'corn', 0);
SELECT 'update another column'; UPDATE note SET stars = 1 WHERE FTS_DOC_ID = 3;
SELECT 'update a text'; UPDATE note SET body = 'rice' WHERE FTS_DOC_ID = 3;
SELECT 'replace'; REPLACE INTO note VALUES (3, 'rice', 1);
SELECT 'on duplicate key'; INSERT INTO note VALUES (3, 'rice', 1) ON DUPLICATE KEY UPDATE body = 'rice';
SELECT 'delete and insert'; BEGIN; DELETE FROM note WHERE FTS_DOC_ID = 2;
INSERT INTO note VALUES (2, 'oat cake', 0); INSERT IGNORE INTO note VALUES (2, 'oat cake', 0); ROLLBACK;
SELECT 'update a text with a new id'; UPDATE note SET body = 'rice', FTS_DOC_ID = 4 WHERE FTS_DOC_ID = 3;
SELECT FTS_DOC_ID, body, stars FROM note;"
expected=$'update another column
update a text
error 182
replace
error 182
on duplicate key
error 182
delete and insert
error 182
error 182
update a text with a new id
1\trye bread\t0
2\toat cake\t0
4\trice\t1'
show 'MariaDB' "$expected" "$(answers mariadb "$sql")"
show 'MySQL' "$expected" "$(answers mysql "$sql")"
finish
