package dev.rowmill.archive;

import dev.rowmill.export.ExportManifests;
import dev.rowmill.export.ExportTargets;
import dev.rowmill.sql.SqlTask;
import io.quarkus.agroal.DataSource;
import jakarta.inject.Singleton;
import java.util.Map;

/**
 * Moves archived rows back. It is an archive with the tables in exchanged roles, so each chunk is
 * moved exactly once, children after their parents. Thread-safe.
 */
@Singleton
public class RestoreTask extends ArchiveTask {

  public static final String NAME = "restore";

  RestoreTask(
      SqlTask sql,
      @DataSource("data") javax.sql.DataSource data,
      ExportTargets targets,
      ExportManifests manifests) {
    super(
        sql,
        data,
        targets,
        manifests,
        NAME,
        "Moves archived rows back to the tables that they came from.");
  }

  @Override
  public Map<String, String> violations(ArchiveParameters parameters) {
    return parameters.to().files() == null
        ? super.violations(parameters)
        : Map.of("to.files", "is only for an archive");
  }
}
