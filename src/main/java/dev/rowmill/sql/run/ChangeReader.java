package dev.rowmill.sql.run;

import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.Refusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads from undo images what chunks have changed. Changes no data and takes no lock. For one
 * thread.
 *
 * <p>An image need not contain the new values. The server computes those of a formula again. Of
 * long values and of new rows an image has digests alone, so their values are read from the table,
 * if they are still those that the chunk wrote. Other new values are unknown, and so are all of
 * these if the table has other columns now.
 */
public final class ChangeReader {

  /** Holds the new values of a deleted row, and the old ones of an inserted row. */
  private static final byte[][] NOTHING = {};

  private final RunStatements statements = new RunStatements();

  /** Stores an image whose columns its table still had, because most images have the same. */
  private @Nullable RowImage checked;

  /**
   * Checks that the tables of a chunk still have the columns of its image.
   *
   * @throws Refusal {@code undo-table-changed} if one is gone or has another type
   */
  public void checkTables(Connection connection, byte[] image) throws SQLException {
    for (RowImage each : RowImage.read(image)) {
      if (!hasColumns(connection, each)) {
        each.checkColumns(new Catalog(connection));
      }
    }
  }

  /**
   * Returns the changes of a chunk, in the order of its image.
   *
   * @param connection connection outside of a transaction
   * @param image image that a run of SQL has stored
   * @param utf8 whether text is converted to UTF-8
   */
  public List<ChangedRows> read(Connection connection, byte[] image, boolean utf8)
      throws SQLException {
    List<ChangedRows> changes = new ArrayList<>();
    try (var ignored = new LenientSession(connection)) {
      for (RowImage each : RowImage.read(image)) {
        var rows =
            new ChangedRows(
                ChangedRows.Change.of(each.kind()),
                each.table(),
                each.keys(),
                each.columns(),
                each.rows().isEmpty() ? List.of() : rows(connection, each));
        changes.add(utf8 ? new Utf8Text(connection, statements).of(rows) : rows);
      }
    }
    return changes;
  }

  private List<ChangedRows.Row> rows(Connection connection, RowImage image) throws SQLException {
    return switch (image.kind()) {
      case DELETED -> known(image.rows());
      case INSERTED -> inserted(connection, image);
      case UPDATED ->
          image.formula() == null ? updated(connection, image) : computed(connection, image);
    };
  }

  private static List<ChangedRows.Row> known(List<RowImage.Row> rows) {
    return rows.stream()
        .map(row -> new ChangedRows.Row(row.key(), row.before(), row.after(), new BitSet()))
        .toList();
  }

  private List<ChangedRows.Row> computed(Connection connection, RowImage image)
      throws SQLException {
    if (hasColumns(connection, image)) {
      return known(new Recomputation(connection, statements, image).computed(image.rows()));
    }
    int columns = image.columns().size();
    return image.rows().stream()
        .map(row -> unknown(row.key(), Arrays.copyOf(row.before(), columns), columns))
        .toList();
  }

  private List<ChangedRows.Row> updated(Connection connection, RowImage image) throws SQLException {
    int[] digested =
        IntStream.range(0, image.columns().size())
            .filter(i -> image.rows().stream().anyMatch(row -> RowImage.isDigest(row.after()[i])))
            .toArray();
    if (digested.length == 0) {
      return known(image.rows());
    }
    KeyedRows now =
        now(connection, image, Arrays.stream(digested).mapToObj(image.columns()::get).toList());
    List<ChangedRows.Row> rows = new ArrayList<>();
    for (int i = 0; i < image.rows().size(); i++) {
      RowImage.Row row = image.rows().get(i);
      KeyedRows.Row is = now.find(row.key(), i);
      byte[][] after = row.after().clone();
      var unknown = new BitSet();
      for (int j = 0; j < digested.length; j++) {
        int column = digested[j];
        if (RowImage.isDigest(after[column])) {
          byte[] value = is == null ? null : is.values()[j];
          boolean same = Arrays.equals(RowImage.mark(value), after[column]);
          after[column] = same ? value : null;
          unknown.set(column, !same);
        }
      }
      rows.add(new ChangedRows.Row(row.key(), row.before(), after, unknown));
    }
    return rows;
  }

  private List<ChangedRows.Row> inserted(Connection connection, RowImage image)
      throws SQLException {
    KeyedRows now = now(connection, image, image.columns());
    List<ChangedRows.Row> rows = new ArrayList<>();
    for (int i = 0; i < image.rows().size(); i++) {
      RowImage.Row row = image.rows().get(i);
      KeyedRows.Row is = now.find(row.key(), i);
      rows.add(
          is != null && Arrays.equals(RowImage.mark(is.values()), row.after()[0])
              ? new ChangedRows.Row(row.key(), NOTHING, is.values(), new BitSet())
              : unknown(row.key(), NOTHING, image.columns().size()));
    }
    return rows;
  }

  private static ChangedRows.Row unknown(byte[][] key, byte[] @Nullable [] before, int columns) {
    var unknown = new BitSet();
    unknown.set(0, columns);
    return new ChangedRows.Row(key, before, new byte[columns][], unknown);
  }

  /** Returns the rows of an image as they are now; none if the table has other columns now. */
  private KeyedRows now(Connection connection, RowImage image, List<ImageColumn> columns)
      throws SQLException {
    return hasColumns(connection, image)
        ? new RestoredTable(connection, statements, image).read(image.rows(), columns)
        : new KeyedRows();
  }

  private boolean hasColumns(Connection connection, RowImage image) throws SQLException {
    RowImage known = checked;
    boolean has =
        (known != null
                && known.table().equals(image.table())
                && known.stored().equals(image.stored()))
            || image.changedColumn(new Catalog(connection)).isEmpty();
    if (has) {
      checked = image;
    }
    return has;
  }
}
