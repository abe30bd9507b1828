package dev.rowmill.database;

import java.sql.Connection;
import java.sql.SQLException;

/** Tells MariaDB and MySQL apart. */
public final class ServerKind {

  private ServerKind() {}

  /** Returns whether the server is MariaDB, by the version of its greeting; sends no query. */
  public static boolean isMariaDb(Connection connection) throws SQLException {
    return connection.getMetaData().getDatabaseProductVersion().contains("MariaDB");
  }
}
