#!/usr/bin/env bash
# MariaDB: JSON_TABLE adjusts values that do not fit their column, whatever ON ERROR says.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb
start_mysql

words <<'END'
A column of JSON_TABLE accepts NULL ON ERROR, DEFAULT … ON ERROR and ERROR ON ERROR. On MariaDB, a
value that does not fit the column's type is not an error: a number that is too large becomes the
largest possible one, a word becomes 0, an invalid date becomes 0000-00-00, and a long text is
truncated. There are only warnings, and INSERT … SELECT stores the adjusted values even in strict mode.
MySQL follows the clause.
END

table="JSON_TABLE('[{\"v\": 300}, {\"v\": \"many\"}]', '\$[*]' COLUMNS (
  a TINYINT PATH '\$.v' NULL ON ERROR,
  b TINYINT PATH '\$.v' DEFAULT '-1' ON ERROR,
  c DATE PATH '\$.v' NULL ON ERROR,
  d VARCHAR(2) PATH '\$.v' NULL ON ERROR)) j"
failing="SELECT a FROM JSON_TABLE('{\"v\": 300}', '\$' COLUMNS (
  a TINYINT PATH '\$.v' ERROR ON ERROR)) j"
show "MariaDB: 300 and 'many' as TINYINT NULL ON ERROR, TINYINT DEFAULT '-1', DATE NULL, VARCHAR(2) NULL" \
  $'127\t127\t0000-00-00\t30\n0\t0\t0000-00-00\tma' "$(mariadb -e "SELECT * FROM $table")"
show 'MySQL' $'NULL\t-1\tNULL\tNULL\nNULL\t-1\tNULL\tNULL' "$(mysql -e "SELECT * FROM $table")"
show 'MariaDB: 300 as TINYINT ERROR ON ERROR' 127 "$(answers mariadb "$failing")"
show 'MySQL' 'error 3669' "$(answers mysql "$failing")"
insert="CREATE TABLE copy (a TINYINT, c DATE); SET sql_mode = 'STRICT_ALL_TABLES';
  INSERT INTO copy SELECT a, c FROM $table; SELECT * FROM copy"
show 'MariaDB: INSERT … SELECT of the first and the third column, in strict mode' \
  $'127\t0000-00-00\n0\t0000-00-00' "$(answers mariadb "$insert")"
show 'MySQL' $'NULL\tNULL\nNULL\tNULL' "$(answers mysql "$insert")"
finish
