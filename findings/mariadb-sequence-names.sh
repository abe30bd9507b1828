#!/usr/bin/env bash
# MariaDB: every schema has tables such as seq_1_to_10, which no catalogue lists.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb

words <<'END'
The SEQUENCE engine creates a table for any name of the form seq_FROM_to_TO (_step_STEP) on first use,
in each schema. Such a table can be read, joined and shown, and even has a primary key. But neither
information_schema nor SHOW TABLES lists it, before or after, so a lookup of a statement's tables does
not find it. No table with such a name can be created: CREATE TABLE reports that it exists, and with
IF NOT EXISTS it does nothing, with a note.
END

name=seq_3_to_5
show 'read' '3 4 5' "$(mariadb -e "SELECT GROUP_CONCAT(seq SEPARATOR ' ') FROM $name")"
show 'its key' "PRIMARY	seq" "$(mariadb -e "SHOW INDEX FROM $name" | cut -f 3,5)"
show 'tables and columns in information_schema, and in SHOW TABLES' '' "$(
  mariadb -e "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'seq%to%';
    SELECT table_name FROM information_schema.columns WHERE table_name LIKE 'seq%to%';
    SHOW TABLES LIKE 'seq%to%'"
)"
show 'create a table of that name' 'error 1050' "$(answers mariadb "CREATE TABLE $name (city INT)")"
show 'create it if it does not exist, and use its column' "Note	1050	Table '$name' already exists
error 1054" "$(answers mariadb "CREATE TABLE IF NOT EXISTS $name (city INT); SHOW WARNINGS;
  SELECT city FROM $name")"
finish
