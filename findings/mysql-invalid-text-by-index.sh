#!/usr/bin/env bash
# MySQL: a comparison with invalid text fails or not, depending on the index that is used.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mysql

words <<'END'
A utf8mb4 column is compared with X'C8', which is not valid utf8mb4. By the column's own index, MySQL
finds no equal row. If it reads the rows by another index, it rejects the statement with error 3854.
The same condition therefore works or fails depending on the optimizer's choice, or on another
condition beside it.
END

mysql <<'END'
CREATE TABLE tag (id INT PRIMARY KEY, code VARCHAR(20) CHARACTER SET utf8mb4, KEY (code));
INSERT INTO tag VALUES (1, 'red'), (2, 'green'), (3, 'blue');
END
ask() {
  show "$1" "$2" "$(answers mysql "$1; SELECT CONCAT('rows: ', ROW_COUNT());" | head -1)"
}
ask "SELECT COUNT(*) FROM tag WHERE code = X'C8'" 0
ask "SELECT COUNT(*) FROM tag WHERE code = X'C8' AND id = 2" 'error 3854'
ask "SELECT /*+ NO_INDEX(tag code) */ COUNT(*) FROM tag WHERE code = X'C8'" 'error 3854'
ask "DELETE FROM tag WHERE code = X'C8'" 'rows: 0'
ask "DELETE /*+ NO_INDEX(tag code) */ FROM tag WHERE code = X'C8'" 'error 3854'
finish
