#!/usr/bin/env bash
# MariaDB: CONVERT_TZ returns values outside the range of TIMESTAMP unchanged.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb
start_mysql

words <<'END'
CONVERT_TZ takes a DATETIME, whose range is from the year 1000 to 9999. On MariaDB 11.4, a time before
1970 or after 19 January 2038 is returned unchanged, without NULL or a warning, and so with the wrong
hour. MySQL 9 does the same before 1970 and after 18 January 3001.
END

query="SELECT CONVERT_TZ('2037-06-01 12:00:00', '+00:00', '+03:00'),
  CONVERT_TZ('2039-06-01 12:00:00', '+00:00', '+03:00'),
  CONVERT_TZ('1969-06-01 12:00:00', '+00:00', '+03:00'),
  CONVERT_TZ('3002-06-01 12:00:00', '+00:00', '+03:00'); SHOW WARNINGS"
show 'MariaDB: noon at +00:00 in 2037, 2039, 1969, 3002, at +03:00' \
  $'2037-06-01 15:00:00\t2039-06-01 12:00:00\t1969-06-01 12:00:00\t3002-06-01 12:00:00' "$(mariadb -e "$query")"
show 'MySQL' \
  $'2037-06-01 15:00:00\t2039-06-01 15:00:00\t1969-06-01 12:00:00\t3002-06-01 12:00:00' "$(mysql -e "$query")"
finish
