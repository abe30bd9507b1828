#!/usr/bin/env bash
# EXPLAIN of an UPDATE is rejected in a READ ONLY transaction, although it changes nothing.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb
start_mysql

words <<'END'
A tool that shows plans would use a READ ONLY transaction to be sure that it changes nothing. In such
a transaction, both servers reject EXPLAIN of an UPDATE or DELETE with error 1792, like the statement
itself, and CREATE TEMPORARY TABLE as well. But they allow inserts into a temporary table that already
exists. EXPLAIN therefore needs a transaction that can write.
END

sql="CREATE TABLE crate (id INT PRIMARY KEY, kg INT); INSERT INTO crate VALUES (1, 5), (2, 6);
CREATE TEMPORARY TABLE scratch (id INT PRIMARY KEY);
START TRANSACTION READ ONLY;
SELECT 'explain update'; EXPLAIN UPDATE crate SET kg = 7 WHERE id = 1;
SELECT 'explain delete'; EXPLAIN DELETE FROM crate WHERE id = 1;
SELECT 'create temporary table'; CREATE TEMPORARY TABLE other (id INT);
SELECT 'insert into temporary table'; INSERT INTO scratch SELECT id FROM crate; SELECT ROW_COUNT();"
expected='explain update
error 1792
explain delete
error 1792
create temporary table
error 1792
insert into temporary table
2'
show MariaDB "$expected" "$(answers mariadb "$sql")"
show MySQL "$expected" "$(answers mysql "$sql")"
finish
