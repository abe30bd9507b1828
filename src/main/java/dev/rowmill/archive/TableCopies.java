package dev.rowmill.archive;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Copies rows to the archive tables, in the transaction of their chunk. */
record TableCopies(Connection connection) implements Copies {

  @Override
  public String copying(MovedTable table, String qualifier) {
    return table.copy(qualifier);
  }

  @Override
  public long copy(MovedTable table, PreparedStatement copying) throws SQLException {
    try (var exact = new ExactCopy(connection, table)) {
      return exact.run(copying);
    }
  }
}
