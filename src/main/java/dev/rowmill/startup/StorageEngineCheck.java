package dev.rowmill.startup;

import dev.rowmill.database.OwnTables;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/**
 * Refuses to start on tables of Rowmill's own that know no transactions: whatever was promised of
 * chunks and their checkpoints would not hold, and nothing would tell. Sessions make InnoDB's
 * tables by default; a server may enforce another engine, and an earlier version may have made
 * them.
 */
@ApplicationScoped
class StorageEngineCheck {

  /** The server's error for an engine that can't be had. */
  static final int WRONG_ENGINE = 1286;

  private static final String OTHERS =
      "SELECT TABLE_NAME, ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
          + " AND ENGINE <> 'InnoDB' AND LOWER(TABLE_NAME) IN ('"
          + String.join("', '", OwnTables.NAMES)
          + "') ORDER BY TABLE_NAME";

  private final DataSource control;

  StorageEngineCheck(DataSource control) {
    this.control = control;
  }

  /** Before anything is read from them or left in them; migrations are made by then. */
  void look(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent event)
      throws SQLException {
    List<String> others = new ArrayList<>();
    try (Connection connection = control.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(OTHERS)) {
      while (row.next()) {
        others.add(row.getString(1) + " (" + row.getString(2) + ")");
      }
    }
    if (!others.isEmpty()) {
      throw new SQLException(
          "tables of Rowmill's own are not kept by InnoDB, and so without transactions: "
              + String.join(", ", others),
          "HY000",
          WRONG_ENGINE);
    }
  }
}
