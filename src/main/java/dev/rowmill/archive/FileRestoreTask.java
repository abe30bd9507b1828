package dev.rowmill.archive;

import dev.rowmill.archive.ArchiveParameters.Files;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.export.ExportTarget;
import dev.rowmill.export.ExportTargets;
import dev.rowmill.export.ExportedPart;
import dev.rowmill.export.StorageException;
import dev.rowmill.sql.SqlTask;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.ChunkedTask;
import dev.rowmill.task.Plan;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Inserts the rows of an archive's files again. The files stay. Thread-safe.
 *
 * <p>Rejects with {@code not-restorable}, {@code unknown-table}, {@code export-target} and {@code
 * archive-impossible}.
 */
@Singleton
public class FileRestoreTask implements ChunkedTask<FileRestoreParameters> {

  public static final String NAME = "restore-files";

  private final SqlTask sql;
  private final BatchHistory history;
  private final ExportTargets targets;

  FileRestoreTask(SqlTask sql, BatchHistory history, ExportTargets targets) {
    this.sql = sql;
    this.history = history;
    this.targets = targets;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "Inserts the rows of an archive's files again.";
  }

  @Override
  public Class<FileRestoreParameters> parametersType() {
    return FileRestoreParameters.class;
  }

  /** Returns the files of the archive. */
  private Files files(FileRestoreParameters parameters, String project) {
    long id = parameters.archive();
    Optional<BatchView> archive = history.find(id).filter(batch -> batch.project().equals(project));
    Optional<String> of =
        archive
            .filter(batch -> batch.status().isFinal())
            .filter(batch -> ArchiveTask.NAME.equals(batch.spec().work().task()))
            .map(batch -> batch.spec().work().parameters())
            .filter(ArchiveParameters::isToFiles);
    return Objects.requireNonNull(
        ArchiveParameters.of(
                of.orElseThrow(
                    () ->
                        new Refusal(
                            "not-restorable",
                            Map.of(
                                "batch",
                                id,
                                "status",
                                archive.map(batch -> batch.status().text()).orElse("unknown")))))
            .to()
            .files());
  }

  private static ArchivedParts parts(FileRestoreParameters parameters, Connection connection)
      throws SQLException {
    return new ArchivedParts(ExportedPart.list(connection, parameters.archive()));
  }

  /** Returns the tables by the names that the parts have. */
  private Map<String, ReturnedTable> tables(ArchivedParts parts, Connection connection)
      throws SQLException {
    Map<String, ReturnedTable> tables = new LinkedHashMap<>();
    for (ArchivedParts.Part part : parts.all()) {
      String name = String.valueOf(part.file().table());
      if (!tables.containsKey(name)) {
        tables.put(name, ReturnedTable.find(name, connection, sql.scope()));
      }
    }
    return tables;
  }

  @Override
  public void check(FileRestoreParameters parameters, String project, Connection connection)
      throws SQLException {
    Files files = files(parameters, project);
    ArchivedParts parts = parts(parameters, connection);
    tables(parts, connection);
    checkFiles(parts, target(files, parameters));
  }

  private ExportTarget target(Files files, FileRestoreParameters parameters) {
    try {
      return targets.find(files.place(), parameters.archive());
    } catch (IOException e) {
      throw noPlace(files);
    }
  }

  private static Refusal noPlace(Files files) {
    return ReturnedTable.impossible(
        List.of(Reason.of("restore-place", "directory", String.valueOf(files.directory()))));
  }

  private static void checkFiles(ArchivedParts parts, ExportTarget target) throws SQLException {
    Map<String, Long> there;
    try {
      there = target.files();
    } catch (IOException | StorageException e) {
      throw ReturnedTable.impossible(
          List.of(
              new Reason(
                  "restore-storage",
                  Map.of("place", target.description(), "message", String.valueOf(e)))));
    }
    for (ArchivedParts.Part part : parts.all()) {
      Long bytes = there.get(part.file().name());
      if (bytes == null || bytes != part.file().bytes()) {
        throw ReturnedTable.impossible(
            List.of(Reason.of("restore-part", "file", part.file().name())));
      }
    }
  }

  @Override
  public void checkUndoable(FileRestoreParameters parameters, String project, Connection connection)
      throws SQLException {
    for (ReturnedTable table : tables(parts(parameters, connection), connection).values()) {
      Optional<Refusal> refused = table.undoRefusal(connection);
      if (refused.isPresent()) {
        throw refused.get();
      }
    }
  }

  @Override
  public Optional<Plan.Count> planned(
      FileRestoreParameters parameters,
      String project,
      Connection connection,
      long most,
      long millis)
      throws SQLException {
    return Optional.of(new Plan.Count(parts(parameters, connection).rows(), true));
  }

  @Override
  public ChunkedRun open(FileRestoreParameters parameters, String project, Connection connection)
      throws SQLException {
    Files files = files(parameters, project);
    ArchivedParts parts = parts(parameters, connection);
    return new FileRestoreRun(
        parts, target(files, parameters), files.fileFormat(), tables(parts, connection));
  }
}
