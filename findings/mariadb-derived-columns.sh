#!/usr/bin/env bash
# MariaDB can't name the columns of a derived table; those of a common table expression it can.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb
start_mysql

words <<'END'
To count the rows of any query, one puts it into FROM. This fails if two of its columns have the same
name, which a query by itself may have. MySQL can name the columns of such a derived table, as the
standard says: FROM (…) AS crate (a, b). MariaDB rejects this as a syntax error. But both servers take
the same names at a common table expression: WITH crate (a, b) AS (…).
END

sql="CREATE TABLE crate (id INT PRIMARY KEY, kg INT); INSERT INTO crate VALUES (1, 5), (2, 6);
SELECT 'same names'; SELECT COUNT(*) FROM (SELECT a.id, b.id FROM crate a JOIN crate b) AS pair;
SELECT 'names of a derived table';
SELECT COUNT(*) FROM (SELECT a.id, b.id FROM crate a JOIN crate b) AS pair (one, two);
SELECT 'names of a common table expression';
WITH pair (one, two) AS (SELECT a.id, b.id FROM crate a JOIN crate b) SELECT COUNT(*) FROM pair;"
show MariaDB 'same names
error 1060
names of a derived table
error 1064
names of a common table expression
4' "$(answers mariadb "$sql")"
show MySQL 'same names
error 1060
names of a derived table
4
names of a common table expression
4' "$(answers mysql "$sql")"
finish
