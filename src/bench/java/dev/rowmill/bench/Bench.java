package dev.rowmill.bench;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Provides what a scenario needs. Not thread-safe. */
final class Bench implements AutoCloseable {

  private final Settings settings = Settings.fromProperties();
  private final Report report = new Report();
  private @Nullable Database database;

  Settings settings() {
    return settings;
  }

  Report report() {
    return report;
  }

  /** Returns the server to measure on, which starts on first use. */
  Database database() throws SQLException {
    Database opened = database;
    if (opened == null) {
      opened = Database.open();
      database = opened;
      report.about("server", opened.version());
    }
    return opened;
  }

  /** Drops the schemas of a scenario. */
  void tidyUp() throws SQLException {
    if (database != null) {
      database.dropSchemas();
    }
  }

  @Override
  public void close() throws SQLException {
    if (database != null) {
      database.close();
    }
  }
}
