package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.RowRestorer.OnConflict;
import dev.rowmill.sql.run.RowRestorer.Restored;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.StatementTag;
import java.sql.Connection;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Inserts whole rows that a table has had, and reads each back to see that it is as before. For one
 * thread at a time.
 */
public final class ReturnedRows {

  private final RowImage image;
  private final RunStatements statements = new RunStatements();

  /** Holds the index of each column of the image among those of the rows. */
  private final int[] from;

  /**
   * Holds what became of some rows.
   *
   * @param result number of inserted rows, and their undo image
   * @param taken indexes of the rows that were not inserted, as another row has their key
   */
  public record Returned(ChunkResult result, List<Integer> taken) {}

  private ReturnedRows(RowImage image, List<ImageColumn> columns) {
    this.image = image;
    from = image.keysAndColumns().stream().mapToInt(columns::indexOf).toArray();
  }

  /**
   * Creates it for a table.
   *
   * @param key key by which rows are found
   * @param columns columns of the rows, in their order, which the table has; the key's are among
   *     them
   */
  public static ReturnedRows of(TableName table, ChunkKey key, List<ImageColumn> columns) {
    List<ImageColumn> keys = new ArrayList<>();
    List<ImageColumn> others = new ArrayList<>(columns);
    key.columns()
        .forEach(
            part ->
                columns.stream()
                    .filter(column -> column.name().equalsIgnoreCase(part.name()))
                    .forEach(keys::add));
    others.removeAll(keys);
    return new ReturnedRows(
        new RowImage(RowImage.Kind.DELETED, table, key.index(), keys, others, List.of(), null),
        columns);
  }

  /** Returns why no undo data can be stored of inserted rows; empty if they can. */
  public static Optional<Refusal> undoRefusal(Connection connection, TableName table, ChunkKey key)
      throws SQLException {
    List<String> all =
        new Catalog(connection).columns(table).stream().map(column -> column.name()).toList();
    return Optional.ofNullable(ImageLayout.of(connection, Kind.INSERT, table, all, key).refused());
  }

  public void mark(StatementTag tag) {
    statements.mark(tag);
  }

  /** Returns the columns of a row's key with their values as text, as a JSON object. */
  public String shownKey(byte[] @Nullable [] row) {
    return image.shownKey(row(row)).toString();
  }

  /**
   * Inserts the rows whose key is free, in the caller's transaction.
   *
   * @param rows values in the order of the columns, as {@link ImageColumn} encodes them
   * @throws SQLDataException if the table changes a value
   */
  public Returned insert(Connection connection, List<byte[] @Nullable []> rows)
      throws SQLException {
    List<RowImage.Row> all = rows.stream().map(this::row).toList();
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < all.size(); i++) {
      places.put(image.shownKey(all.get(i)).toString(), i);
    }
    var log = new RestoreLog(OnConflict.SKIP);
    try (var session = WritingSession.lenient(connection)) {
      new DeleteRestorer(new RestoredTable(connection, statements, image), log).restore(all);
    }
    Restored restored = log.restored();
    return new Returned(
        new ChunkResult(restored.rows(), restored.image()),
        restored.conflicts().stream().map(conflict -> places.get(conflict.key())).toList());
  }

  private RowImage.Row row(byte[] @Nullable [] values) {
    int keys = image.keys().size();
    byte[][] key = new byte[keys][];
    byte[][] others = new byte[from.length - keys][];
    for (int i = 0; i < from.length; i++) {
      if (i < keys) {
        key[i] = values[from[i]];
      } else {
        others[i - keys] = values[from[i]];
      }
    }
    return RowImage.deleted(key, others);
  }
}
