package dev.rowmill.sql.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.rowmill.sql.run.RowImage.Kind;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.ForeignKeys;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.Image;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.StatementTag;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Restores rows from an image, in the caller's transaction. Reads each row under a lock, and writes
 * the rows that are still as the image recorded them. For one thread.
 */
public final class RowRestorer {

  /** Represents the action for a row that was changed by someone else since. */
  public enum OnConflict {
    /** Leaves the row and reports it. */
    @JsonProperty("skip")
    SKIP,
    /** Stops the undo. */
    @JsonProperty("stop")
    STOP,
    /** Restores the old value anyway. */
    @JsonProperty("overwrite")
    OVERWRITE
  }

  /**
   * Describes a row that was not restored.
   *
   * @param key JSON object of the key's columns and their values as text
   * @param reason {@code changed}, {@code gone}, {@code taken} or {@code refused}
   * @param detail explanation in English
   */
  public record Conflict(String key, String reason, String detail) {}

  /**
   * Holds the result of restoring a number of rows.
   *
   * @param rows number of restored rows
   * @param image image of the changes; null if nothing changed
   */
  public record Restored(long rows, List<Conflict> conflicts, @Nullable Image image) {}

  private final RunStatements statements;
  private final List<RowImage> images;

  /**
   * @param image image that a run of SQL has stored
   */
  public RowRestorer(byte[] image) {
    this(image, new RunStatements());
  }

  private RowRestorer(byte[] image, RunStatements statements) {
    this.statements = statements;
    images = RowImage.read(image);
  }

  /**
   * Returns a restorer for another image that reuses the prepared statements: a connection holds
   * only a limited number of them.
   */
  public RowRestorer of(byte[] other) {
    return new RowRestorer(other, statements);
  }

  /** Sets the chunk that comes next. */
  public void mark(StatementTag mark) {
    statements.mark(mark);
  }

  /**
   * Checks that the tables are still as they were when their rows were stored.
   *
   * @throws Refusal {@code undo-table-changed}; {@code undo-impossible} if deleting rows would
   *     delete others through a foreign key
   */
  public void check(Connection connection) throws SQLException {
    var catalog = new Catalog(connection);
    for (RowImage image : images) {
      if (image.kind() == Kind.INSERTED) {
        checkDelete(image, connection);
      }
      image.checkColumns(catalog);
      if (image.movedTo() != null) {
        checkDelete(image.movedBack(), connection);
        image.movedBack().checkColumns(catalog);
      }
    }
  }

  private static void checkDelete(RowImage image, Connection connection) throws SQLException {
    if (new ForeignKeys(connection).deletesReachOthers(image.table())) {
      throw new Refusal(
          "undo-impossible",
          Map.of(),
          List.of(Refusal.Reason.of("undo-cascade", "table", image.table().written())));
    }
  }

  /**
   * Restores rows, the last of the image first.
   *
   * @param from number of rows, counted from the end, that were processed before
   * @param to number of rows, counted from the end, to process in all
   * @throws Refusal {@code undo-conflict}, if a conflict is to stop the undo; the caller rolls back
   */
  public Restored restore(Connection connection, int from, int to, OnConflict onConflict)
      throws SQLException {
    var log = new RestoreLog(onConflict);
    try (var ignored = WritingSession.lenient(connection)) {
      // Positions are counted from the end.
      int sectionEnd = 0;
      for (int i = images.size() - 1; i >= 0; i--) {
        RowImage image = images.get(i);
        int size = image.rows().size();
        int first = Math.max(from - sectionEnd, 0);
        int last = Math.min(to - sectionEnd, size);
        sectionEnd += size;
        if (first >= last) {
          continue;
        }
        List<RowImage.Row> newestFirst =
            new ArrayList<>(image.rows().subList(size - last, size - first));
        Collections.reverse(newestFirst);
        if (image.formula() != null) {
          newestFirst =
              RowImage.marked(
                  new Recomputation(connection, statements, image).computed(newestFirst));
        }
        section(new RestoredTable(connection, statements, image), log).restore(newestFirst);
      }
    }
    return log.restored();
  }

  private static SectionRestorer section(RestoredTable table, RestoreLog log) {
    return switch (table.image().kind()) {
      case UPDATED -> new UpdateRestorer(table, log);
      case DELETED ->
          table.image().movedTo() == null
              ? new DeleteRestorer(table, log)
              : new MoveRestorer(table, log);
      case INSERTED -> new InsertRestorer(table, log);
    };
  }

  /** Returns the key of a row, counted from the end, in the format of a conflict. */
  public String key(int index) {
    int left = index;
    for (int i = images.size() - 1; i >= 0; i--) {
      RowImage image = images.get(i);
      int size = image.rows().size();
      if (left < size) {
        return image.shownKey(image.rows().get(size - 1 - left)).toString();
      }
      left -= size;
    }
    throw new IllegalArgumentException("no row " + index);
  }
}
