package dev.rowmill.startup;

import dev.rowmill.database.OwnSchema;
import dev.rowmill.database.ServerError;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/**
 * Stops the start if any of Rowmill's own tables uses a storage engine other than InnoDB. The
 * guarantees for chunks and checkpoints would silently fail without transactions. Sessions create
 * InnoDB tables by default. But a server may enforce another engine, or an earlier version may have
 * created the tables.
 */
@ApplicationScoped
class StorageEngineCheck {

  private final DataSource control;

  StorageEngineCheck(DataSource control) {
    this.control = control;
  }

  /** Checks the tables after the migrations, and before anything reads or writes them. */
  void check(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent event)
      throws SQLException {
    List<String> others;
    try (Connection connection = control.getConnection()) {
      others = OwnSchema.tablesOfOtherEngines(connection);
    }
    if (!others.isEmpty()) {
      throw new SQLException(
          "tables of Rowmill use an engine without transactions instead of InnoDB: "
              + String.join(", ", others),
          "HY000",
          ServerError.ER_UNKNOWN_STORAGE_ENGINE.number());
    }
  }
}
