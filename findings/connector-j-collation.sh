#!/usr/bin/env bash
# Connector/J on MariaDB: its sessions compare texts with a different collation than other sessions.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb --character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci

words <<'END'
In the handshake, Connector/J requests MySQL's collation utf8mb4_0900_ai_ci by its number. MariaDB
11.4 has an alias of that name for one of its own NO PAD collations. Sessions of the driver therefore
use neither the server's default nor the collation that SET NAMES utf8mb4 sets. A comparison without
a column's collation, such as that of a CAST, counts trailing spaces. A statement that finds a row
in the client finds none through the driver.
END

mariadb -e "CREATE TABLE parcel (id INT PRIMARY KEY, shelf INT); INSERT INTO parcel VALUES (1, 3)"
query="SELECT @@collation_connection, COUNT(*) FROM parcel WHERE CAST(shelf AS CHAR) = '3 '"

show 'the collation and the number of rows found, after SET NAMES utf8mb4' $'utf8mb4_general_ci\t1' \
  "$(mariadb -e "SET NAMES utf8mb4; $query")"
show 'the same through Connector/J' $'utf8mb4_0900_ai_ci\t0' "$(
  run_java "$mariadb_port" <<END
import java.sql.*;
class Main {
  public static void main(String[] args) throws SQLException {
    try (Connection connection = DriverManager.getConnection(args[0]);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("$query")) {
      row.next();
      System.out.println(row.getString(1) + "\t" + row.getString(2));
    }
  }
}
END
)"
finish
