#!/usr/bin/env bash
# MySQL and MariaDB: the list of transactions does not change while it is read often.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb
start_mysql

words <<'END'
information_schema.innodb_trx is a copy of InnoDB's transactions. The copy is renewed only if nobody has
read it for 0.1 seconds, and each read restarts this time. So a script that polls it more often, to see
whether somebody waits for a lock, sees the first result for ever, and so does every other reader of the
table during that time. The status variable Innodb_row_lock_current_waits has no such copy. Here a
session begins to wait for a lock after the first of 100 reads in a row.
END

# seen CLIENT PAUSE: prints in how many of 100 reads a waiting transaction was seen, with a pause in
# between, and what the status variable and the table report after that.
seen() {
  local client=$1 pause=$2 reads
  "$client" -e 'DROP TABLE IF EXISTS stock; CREATE TABLE stock (id INT PRIMARY KEY, n INT);
    INSERT INTO stock VALUES (1, 1)'
  "$client" -e 'BEGIN; SELECT n FROM stock WHERE id = 1 FOR UPDATE; SELECT SLEEP(14)' >/dev/null 2>&1 &
  local holder=$!
  sleep 1
  {
    for ((i = 0; i < 100; i++)); do
      echo "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT';"
      echo "DO SLEEP($pause);"
    done
  } >"$tmp/reads.sql"
  (sleep 0.5 && "$client" -e 'UPDATE stock SET n = 2 WHERE id = 1') &
  local waiter=$!
  reads=$("$client" <"$tmp/reads.sql" | sort | uniq -c | awk '{ printf "%s%s", sep, ($2 ? "waiting" : "nobody waits"); sep = " and " }')
  printf 'reads: %s\n' "$reads"
  "$client" -e "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'" | sed 's/.*\t/status: /'
  wait "$waiter" "$holder"
}

for client in mariadb mysql; do
  show "$client: 100 reads with 0.02 s in between" 'reads: nobody waits
status: 1' "$(seen "$client" 0.02)"
  show "$client: 100 reads with 0.12 s in between" 'reads: nobody waits and waiting
status: 1' "$(seen "$client" 0.12)"
done
finish
