#!/usr/bin/env bash
# MariaDB: CONVERT(text USING binary) is cut off in temporary tables and in GROUP_CONCAT.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb
start_mysql

words <<'END'
CONVERT(c USING binary) returns all bytes of a CHAR or VARCHAR. But MariaDB declares its result as if
each character had one byte. Where the server stores the result in a temporary table, as for DISTINCT,
UNION or SQL_BUFFER_RESULT, and in GROUP_CONCAT, it cuts off the rest of the bytes, without an error or
a warning even in strict mode. The columns' own values and CAST(c AS BINARY) remain whole, and so do
columns of the types TEXT. On MySQL, nothing is cut off.
END

fill="CREATE TABLE cafe (id INT PRIMARY KEY, name VARCHAR(4) CHARACTER SET utf8mb4, wide VARCHAR(4) CHARACTER SET utf32);
INSERT INTO cafe VALUES (1, _utf8mb4 X'C3A9C3A9C3A9C3A9', 'four');"
length() { echo "SELECT LENGTH(b) FROM (SELECT DISTINCT $1 AS b FROM cafe) AS d"; }
plain="SELECT LENGTH(CONVERT(name USING binary)), LENGTH(CONVERT(wide USING binary)) FROM cafe"
group="SELECT LENGTH(GROUP_CONCAT(CONVERT(wide USING binary))), LENGTH(GROUP_CONCAT(CAST(wide AS BINARY))) FROM cafe"
for server in mariadb mysql; do
  $server -e "$fill"
  if [ $server = mariadb ]; then cut=(4 4 4); else cut=(8 16 16); fi
  show "$server, length of CONVERT(… USING binary) of é four times, and of 'four' in utf32" \
    $'8\t16' "$($server -e "$plain")"
  show "$server, the first with DISTINCT" "${cut[0]}" \
    "$($server -e "$(length 'CONVERT(name USING binary)')")"
  show "$server, the second with DISTINCT" "${cut[1]}" \
    "$($server -e "$(length 'CONVERT(wide USING binary)')")"
  show "$server, CAST(… AS BINARY) with DISTINCT" 8 "$($server -e "$(length 'CAST(name AS BINARY)')")"
  show "$server, GROUP_CONCAT of CONVERT, and of CAST" "${cut[2]}"$'\t16' "$($server -e "$group")"
done
finish
