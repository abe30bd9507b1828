#!/usr/bin/env bash
# MariaDB, MySQL: beside a string, a DOUBLE loses the last digits of its exponent.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb
start_mysql

words <<'END'
GROUP_CONCAT writes a DOUBLE with all digits that it needs to be read back, and so does CAST(… AS
CHAR(40)). But the result of COALESCE, IF or CONCAT with a string has at most 22 characters. GROUP_CONCAT
cuts a longer number there, without a warning: the exponent -308 becomes -30, and -3 if the number is
negative. Read back, the number is larger by hundreds of orders of magnitude. On MySQL, a CAST AS DOUBLE
within a CAST AS CHAR(40) rounds the number to 22 characters instead.
END

fill="CREATE TABLE charge (id INT PRIMARY KEY, x DOUBLE);
INSERT INTO charge VALUES (1, 2.2250738585072014e-308), (2, -2.2250738585072014e-308)"
list() {
  "$1" -e "SELECT GROUP_CONCAT($2 ORDER BY id SEPARATOR ' ') FROM charge"
}
all='2.2250738585072014e-308 -2.2250738585072014e-308'
cut='2.2250738585072014e-30 -2.2250738585072014e-3'
for client in mariadb mysql; do
  "$client" -e "$fill"
  show "$client, GROUP_CONCAT of x" "$all" "$(list $client 'x')"
  show "$client, of COALESCE(x, '')" "$cut" "$(list $client "COALESCE(x, '')")"
  show "$client, of IF(x IS NULL, '', x)" "$cut" "$(list $client "IF(x IS NULL, '', x)")"
  show "$client, of CONCAT(x, '')" "$cut" "$(list $client "CONCAT(x, '')")"
  show "$client, of CAST(x AS CHAR(40))" "$all" "$(list $client 'CAST(x AS CHAR(40))')"
done
twice='CAST(CAST(x AS DOUBLE) AS CHAR(40))'
show "MariaDB, of $twice" "$all" "$(list mariadb "$twice")"
show "MySQL" '2.225073858507201e-308 -2.2250738585072e-308' "$(list mysql "$twice")"
finish
