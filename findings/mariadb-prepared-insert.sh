#!/usr/bin/env bash
# MariaDB prepares an INSERT … SELECT whose numbers of columns differ, and rejects it at the execution.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb
start_mysql

words <<'END'
PREPARE is often used to check a statement. In this way, MariaDB finds a missing table or column and too
many VALUES. It finds neither an INSERT … SELECT with a different number of columns than it inserts
into, nor a column that is inserted twice: EXECUTE reports both. MySQL reports everything at PREPARE.
END

sql="CREATE TABLE target (a INT, b INT); CREATE TABLE source (a INT, b INT);
SELECT 'missing column'; PREPARE p FROM 'INSERT INTO target (a) SELECT c FROM source'; EXECUTE p;
SELECT 'too many values'; PREPARE p FROM 'INSERT INTO target (a) VALUES (1, 2)'; EXECUTE p;
SELECT 'too many columns'; PREPARE p FROM 'INSERT INTO target (a) SELECT a, b FROM source';
SELECT 'executed'; EXECUTE p; DROP PREPARE p;
SELECT 'same column twice'; PREPARE p FROM 'INSERT INTO target (a, a) SELECT a, b FROM source';
SELECT 'executed'; EXECUTE p;"
show 'MariaDB (1243: unknown prepared statement)' 'missing column
error 1054
error 1243
too many values
error 1136
error 1243
too many columns
executed
error 1136
same column twice
executed
error 1110' "$(answers mariadb "$sql")"
show 'MySQL' 'missing column
error 1054
error 1243
too many values
error 1136
error 1243
too many columns
error 1136
executed
error 1243
error 1243
same column twice
error 1110
executed
error 1243' "$(answers mysql "$sql")"
finish
