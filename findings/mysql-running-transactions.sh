#!/usr/bin/env bash
# MySQL: one statement with a 4-byte character makes the list of transactions fail for everybody.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mysql

words <<'END'
information_schema.innodb_trx shows the text of running statements in utf8mb3. While any session has an
open transaction and runs a statement whose text contains a 4-byte UTF-8 character (here a Chinese one,
in a surname) or a binary literal, every query of that table fails with error 3854. This affects all
users, even if the query does not select the text. Monitoring that queries lock waits fails in that
moment, and so does the old information_schema.processlist. performance_schema.data_locks and
.processlist work.
END

mysql -e 'CREATE TABLE person (id INT PRIMARY KEY, name VARCHAR(40))'
tables='information_schema.innodb_trx sys.innodb_lock_waits information_schema.processlist
performance_schema.data_locks performance_schema.processlist'
ask() {
  local table
  for table in $tables; do
    mysql -e "SELECT '$table answers' FROM (SELECT COUNT(*) FROM $table) counted" 2>&1 |
      sed -E "s/^ERROR ([0-9]+).*/$table: error \1/"
  done
}
# busy NAME ID: starts a session in a transaction, with a statement that runs until it is killed.
busy() {
  mysql -e "BEGIN; INSERT INTO person VALUES ($2, 'x'); SELECT '$1', SLEEP(100)" >/dev/null 2>&1 &
  local i
  for ((i = 0; i < 100; i++)); do
    thread=$(mysql -e "SELECT id FROM performance_schema.processlist
      WHERE state = 'User sleep' AND info LIKE '%SLEEP(100)'")
    [ -z "$thread" ] || return 0
    sleep 0.1
  done
  die 'the other session did not start its statement'
}

busy $'\xe6\x9e\x97' 1
show 'while a statement with the surname U+6797 runs' 'information_schema.innodb_trx answers
sys.innodb_lock_waits answers
information_schema.processlist answers
performance_schema.data_locks answers
performance_schema.processlist answers' "$(ask)"
mysql -e "KILL $thread"
wait $! || true
busy $'\xf0\xa0\xae\xb7' 2
show 'while one with the surname U+20BB7 runs' 'information_schema.innodb_trx: error 3854
sys.innodb_lock_waits: error 3854
information_schema.processlist: error 3854
performance_schema.data_locks answers
performance_schema.processlist answers' "$(ask)"
mysql -e "KILL $thread"
finish
