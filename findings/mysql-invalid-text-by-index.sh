#!/usr/bin/env bash
# MySQL: whether a comparison with bytes that are no text fails depends on the index that is used.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mysql

words <<'END'
A utf8mb4 column is compared with X'C8', which is no character of utf8mb4. Along the column's own
index MySQL answers that no row is equal; where the rows are read by another index it refuses the
statement with error 3854. So the same condition works or fails as the optimizer chooses, or as
another condition stands beside it.
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
