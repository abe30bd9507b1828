#!/usr/bin/env bash
# A date and time with an offset: MySQL converts it, MariaDB ignores the offset in a condition, both ignore Z.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb
start_mysql

words <<'END'
In strict mode, MariaDB refuses to store '2024-05-01T10:00:00+02:00'. In a condition of a SELECT it
takes the same text for 10:00 in the session's time zone: it ignores the offset with a warning and
finds a different row than MySQL, which converts the time to the session's time zone. MySQL does not
accept Z for +00:00: in a condition it ignores the Z with a warning and searches for 10:00 in the
session's time zone.
END

sql="SET time_zone = '+05:00';
CREATE TABLE trip (id INT PRIMARY KEY, leaves DATETIME);
INSERT INTO trip VALUES (10, '2024-05-01 10:00:00'), (13, '2024-05-01 13:00:00'), (15, '2024-05-01 15:00:00');
SELECT '10:00+02:00', id FROM trip WHERE leaves = '2024-05-01T10:00:00+02:00';
SELECT '10:00+00:00', id FROM trip WHERE leaves = '2024-05-01T10:00:00+00:00';
SELECT '10:00Z', id FROM trip WHERE leaves = '2024-05-01T10:00:00Z';
INSERT INTO trip VALUES (1, '2024-05-01T10:00:00+02:00');
INSERT INTO trip VALUES (2, '2024-05-01T10:00:00Z');"
show 'MariaDB, session at +05:00: ids of the rows found (their hour), then the two inserts' \
  $'10:00+02:00\t10\n10:00+00:00\t10\n10:00Z\t10\nerror 1292\nerror 1292' "$(answers mariadb "$sql")"
show 'MySQL' $'10:00+02:00\t13\n10:00+00:00\t15\n10:00Z\t10\nerror 1292' "$(answers mysql "$sql")"
finish
