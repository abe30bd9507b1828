package dev.rowmill.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.database.DataQueries;
import dev.rowmill.database.Rows;
import dev.rowmill.sql.run.ImageColumn;
import dev.rowmill.sql.run.SelectRun;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import dev.rowmill.task.RunState;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes and reads the manifests of exports, which list their parts. Thread-safe. */
@Singleton
public class ExportManifests {

  static final String NAME = "manifest.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final DataQueries data;

  ExportManifests(DataQueries data) {
    this.data = data;
  }

  /** Returns the manifest of a batch as JSON; empty before its export has succeeded. */
  public Optional<String> find(long batch) {
    return data.query(
        connection ->
            Rows.first(
                connection,
                "SELECT manifest FROM export_manifest WHERE batch = ?",
                row -> row.getString(1),
                batch));
  }

  /**
   * Completes an export: checks that its parts are there, deletes the other files of its place,
   * which crashes have left, and writes the manifest.
   *
   * @throws Refusal {@code export-incomplete} if a part is missing
   */
  void complete(
      ExportParameters parameters,
      ChunkableStatement statement,
      ExportTarget target,
      RunState run,
      Connection connection)
      throws SQLException, IOException {
    List<ExportedPart> parts = ExportedPart.list(connection, run.batch());
    Map<String, Long> files = target.files();
    Set<String> others = new HashSet<>(files.keySet());
    others.removeIf(name -> !ExportedPart.isName(name));
    for (ExportedPart part : parts) {
      Long bytes = files.get(part.name());
      if (bytes == null || bytes != part.bytes()) {
        throw incomplete(Reason.of("export-part-missing", "part", part.name()));
      }
      others.remove(part.name());
    }
    String manifest = manifest(parameters, statement, parts, run, connection);
    if (!run.mayContinue()) {
      return;
    }
    for (String other : others) {
      target.delete(other);
    }
    Path written = target.temporary();
    try {
      Files.writeString(written, manifest);
      target.publish(written, NAME);
    } finally {
      Files.deleteIfExists(written);
    }
    Rows.update(
        connection,
        "INSERT INTO export_manifest (batch, manifest) VALUES (?, ?)"
            + " ON DUPLICATE KEY UPDATE manifest = VALUES(manifest)",
        run.batch(),
        manifest);
  }

  /** Returns the error of an export whose files are none. */
  static Refusal incomplete(Reason reason) {
    return new Refusal("export-incomplete", Map.of(), List.of(reason));
  }

  private static String manifest(
      ExportParameters parameters,
      ChunkableStatement statement,
      List<ExportedPart> parts,
      RunState run,
      Connection connection)
      throws SQLException, IOException {
    ObjectNode manifest =
        JSON.createObjectNode()
            .put("batch", run.batch())
            .put("project", run.project())
            .put("format", parameters.format())
            .put("select", parameters.select())
            .put("table", statement.table().written());
    manifest.put(
        "ddl",
        Rows.first(
                connection,
                "SHOW CREATE TABLE " + statement.table().quoted(),
                row -> row.getString(2))
            .orElseThrow());
    ArrayNode columns = manifest.putArray("columns");
    for (ImageColumn column : SelectRun.columns(statement, connection)) {
      columns
          .addObject()
          .put("name", column.name())
          .put("type", column.type())
          .put("charset", column.charset())
          .put("fileType", parameters.fileFormat().type(column));
    }
    manifest
        .put("rows", parts.stream().mapToLong(ExportedPart::rows).sum())
        .put("bytes", parts.stream().mapToLong(ExportedPart::bytes).sum())
        .put("lostValues", parts.stream().mapToLong(ExportedPart::lostValues).sum());
    ArrayNode listed = manifest.putArray("parts");
    for (ExportedPart part : parts) {
      listed
          .addObject()
          .put("name", part.name())
          .put("lane", part.lane())
          .put("after", part.after())
          .put("upTo", part.upTo())
          .put("rows", part.rows())
          .put("bytes", part.bytes())
          .put("sha256", part.sha256());
    }
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(manifest);
  }
}
