#!/usr/bin/env bash
# MariaDB: the index of a CHAR column with a NO PAD collation has a different order than = and <.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb

words <<'END'
A CHAR column is stored with trailing spaces. MariaDB includes them when it sorts and indexes, although
the column's collation is NO PAD and comparisons ignore them. A tab sorts before a space: in the index,
'ab<tab>' comes before 'ab', but < puts it after 'ab'. A search by the index follows the index's order
and misses a row that is greater by the server's own comparison. Reading such a key in batches by
"greater than the last one" therefore misses rows. VARCHAR is in order, and so is CHAR on MySQL with a
NO PAD collation.
END

mariadb <<'END'
CREATE TABLE label (
  c CHAR(6) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin,
  v VARCHAR(6) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin,
  KEY (c), KEY (v));
INSERT INTO label VALUES ('ab', 'ab'), ('ab\t', 'ab\t'), ('aa', 'aa'), ('ac', 'ac');
END
list='GROUP_CONCAT(REPLACE(%s, CHAR(9), "<tab>") ORDER BY %s SEPARATOR " ")'
c=${list//%s/c} v=${list//%s/v}

show "CHAR by ORDER BY" 'aa ab<tab> ab ac' "$(mariadb -e "SELECT $c FROM label")"
show "VARCHAR by ORDER BY" 'aa ab ab<tab> ac' "$(mariadb -e "SELECT $v FROM label")"
show "CHAR 'ab<tab>' < 'ab', 'ab<tab>' > 'ab'" $'0\t1' \
  "$(mariadb -e "SELECT c < 'ab', c > 'ab' FROM label WHERE v = 'ab\t'")"
show "CHAR > 'ab', along the index" 'ac' \
  "$(mariadb -e "SELECT $c FROM label FORCE INDEX (c) WHERE c > 'ab'")"
show "CHAR > 'ab', without the index" 'ab<tab> ac' \
  "$(mariadb -e "SELECT $c FROM label IGNORE INDEX (c) WHERE c > 'ab'")"
show "VARCHAR > 'ab', along the index" 'ab<tab> ac' \
  "$(mariadb -e "SELECT $v FROM label FORCE INDEX (v) WHERE v > 'ab'")"
finish
