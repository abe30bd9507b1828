#!/usr/bin/env bash
# MySQL and MariaDB: a DELETE of several tables by an alias needs a default schema, although it names one.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb
start_mysql

words <<'END'
DELETE a FROM schema.table AS a names its table completely, and the alias has no schema. A session
without a default schema gets error 1046 (no database selected), while a SELECT and an UPDATE with the
same alias work. With another default schema, in which there is no such table, the DELETE works.
END

# A client whose session has no default schema.
mariadb_without() {
  "$mariadb_base/bin/mariadb" --no-defaults --skip-ssl -uroot --socket="$tmp/mariadb.sock" -N -B "$@"
}
mysql_without() {
  "${mysql_loader[@]}" "$mysql_base/usr/bin/mysql" --no-defaults -uroot --socket="$tmp/mysql.sock" \
    -N -B "$@"
}

for client in mariadb mysql; do
  "$client" -e 'CREATE SCHEMA g; CREATE TABLE f.stock (id INT PRIMARY KEY, n INT);
    INSERT INTO f.stock VALUES (1, 1), (2, 2), (3, 3)'
  show "$client" 'select	1
update	1
error 1046
with a schema	1' "$(answers "${client}_without" "
    SELECT 'select', COUNT(*) FROM f.stock AS a WHERE a.id = 1;
    UPDATE f.stock AS a SET a.n = 5 WHERE a.id = 1; SELECT 'update', ROW_COUNT();
    DELETE a FROM f.stock AS a WHERE a.id = 1;
    USE g;
    DELETE a FROM f.stock AS a WHERE a.id = 1; SELECT 'with a schema', ROW_COUNT();")"
done
finish
