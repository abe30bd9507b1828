package dev.rowmill.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.database.DataQueries;
import dev.rowmill.database.Rows;
import dev.rowmill.files.FileFormat;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.ImageColumn;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import dev.rowmill.task.RunState;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Writes and reads the manifests of exports and archives, which list their parts. Thread-safe. */
@Singleton
public class ExportManifests {

  static final String NAME = "manifest.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final DataQueries data;

  ExportManifests(DataQueries data) {
    this.data = data;
  }

  /** Returns the manifest of a batch as JSON; empty before one is written. */
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
   * Completes an export or an archive: checks that its parts are there, deletes the other files of
   * its place, which crashes have left, and writes the manifest.
   *
   * @param written what the parts hold: the members of the manifest before its sums
   * @throws Refusal {@code export-incomplete} if a part is missing
   */
  public void complete(ObjectNode written, ExportTarget target, RunState run, Connection connection)
      throws SQLException {
    try {
      completed(written, target, run, connection);
    } catch (IOException e) {
      throw target.failure(e);
    }
  }

  private static void completed(
      ObjectNode written, ExportTarget target, RunState run, Connection connection)
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
    if (!run.mayContinue()) {
      return;
    }
    for (String other : others) {
      target.delete(other);
    }
    write(manifest(written.put("complete", true), parts, target, run), target, run, connection);
  }

  /**
   * Writes the manifest of an archive that has not moved all of its rows. Its files are those that
   * are listed; there may be others, which crashes have left.
   *
   * @param written as for {@link #complete}
   */
  public void interrupt(
      ObjectNode written, ExportTarget target, RunState run, Connection connection)
      throws SQLException {
    List<ExportedPart> parts = ExportedPart.list(connection, run.batch());
    // Throws an exception if another run has the batch now, whose manifest must stay.
    run.mayContinue();
    try {
      write(manifest(written.put("complete", false), parts, target, run), target, run, connection);
    } catch (IOException e) {
      throw target.failure(e);
    }
  }

  private static void write(
      String manifest, ExportTarget target, RunState run, Connection connection)
      throws SQLException, IOException {
    try (ExportTarget.NewFile file = target.create()) {
      file.stream().write(manifest.getBytes(StandardCharsets.UTF_8));
      file.publish(NAME);
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

  /**
   * Adds the definition and the columns of a table to its description.
   *
   * @param columns columns of the files
   */
  public static void describe(
      ObjectNode of,
      TableName table,
      List<ImageColumn> columns,
      FileFormat format,
      Connection connection)
      throws SQLException {
    of.put("table", table.written())
        .put(
            "ddl",
            Rows.first(connection, "SHOW CREATE TABLE " + table.quoted(), row -> row.getString(2))
                .orElseThrow());
    ArrayNode all = of.putArray("columns");
    for (ImageColumn column : columns) {
      all.addObject()
          .put("name", column.name())
          .put("type", column.type())
          .put("charset", column.charset())
          .put("fileType", format.type(column));
    }
  }

  private static String manifest(
      ObjectNode written, List<ExportedPart> parts, ExportTarget target, RunState run)
      throws IOException {
    ObjectNode manifest =
        JSON.createObjectNode().put("batch", run.batch()).put("project", run.project());
    manifest.setAll(written);
    manifest
        .put("place", target.place())
        .put("rows", parts.stream().mapToLong(ExportedPart::rows).sum())
        .put("bytes", parts.stream().mapToLong(ExportedPart::bytes).sum());
    Map<String, Long> lost = new TreeMap<>();
    parts.forEach(
        part -> part.lostValues().forEach((name, count) -> lost.merge(name, count, Long::sum)));
    lost.forEach(manifest.putObject("lostValues")::put);
    ArrayNode listed = manifest.putArray("parts");
    for (ExportedPart part : parts) {
      ObjectNode one = listed.addObject().put("name", part.name());
      if (part.table() != null) {
        one.put("table", part.table());
      }
      one.put("lane", part.lane())
          .put("after", part.after())
          .put("upTo", part.upTo())
          .put("rows", part.rows())
          .put("bytes", part.bytes())
          .put("sha256", part.sha256());
    }
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(manifest);
  }
}
