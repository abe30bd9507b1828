package dev.rowmill.archive;

import dev.rowmill.sql.SqlTask;
import io.quarkus.agroal.DataSource;
import jakarta.inject.Singleton;

/**
 * Moves archived rows back. It is an archive with the tables in exchanged roles, so each chunk is
 * moved exactly once, children after their parents. Thread-safe.
 */
@Singleton
public class RestoreTask extends ArchiveTask {

  public static final String NAME = "restore";

  RestoreTask(SqlTask sql, @DataSource("data") javax.sql.DataSource data) {
    super(sql, data, NAME, "Moves archived rows back to the tables that they came from.");
  }
}
