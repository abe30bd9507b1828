#!/usr/bin/env bash
# MariaDB: a CAST of a text that is larger than max_allowed_packet is NULL.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb
start_mysql

words <<'END'
A column may contain values larger than max_allowed_packet, and LOWER, REPLACE and CONVERT(… USING …)
process them completely. But on MariaDB, CAST(… AS BINARY) and CAST(… AS CHAR) of such a value return
NULL, with only a warning. A condition on the CAST is then true neither for "equal" nor for "not
equal", and a SELECT skips such rows. On MySQL, CAST has no such limit.
END

fill="CREATE TABLE story (id INT PRIMARY KEY, body LONGTEXT);
INSERT INTO story VALUES (1, REPEAT('k', 3000000)), (2, 'k');
SET GLOBAL max_allowed_packet = 1048576;"
lengths="SELECT LENGTH(body), LENGTH(LOWER(body)), LENGTH(REPLACE(body, 'q', 'r')),
  LENGTH(CONVERT(body USING latin1)), LENGTH(CAST(body AS BINARY)), LENGTH(CAST(body AS CHAR))
  FROM story WHERE id = 1"
others="SELECT GROUP_CONCAT(id ORDER BY id) FROM story WHERE CAST(body AS BINARY) <> 'q'"
whole=$'3000000\t3000000\t3000000\t3000000'
mariadb -e "$fill"
mysql -e "$fill"
show 'MariaDB, length of a text, LOWER, REPLACE, CONVERT, CAST AS BINARY, CAST AS CHAR' \
  "$whole"$'\tNULL\tNULL' "$(mariadb -e "$lengths")"
show 'MySQL' "$whole"$'\t3000000\t3000000' "$(mysql -e "$lengths")"
show "MariaDB, rows whose CAST AS BINARY is not 'q'" 2 "$(mariadb -e "$others")"
show 'MySQL' 1,2 "$(mysql -e "$others")"
finish
