package dev.rowmill.sql.run;

import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.Refusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads from sections of undo images what chunks have changed. Changes no data and takes no lock.
 * For one thread at a time.
 *
 * <p>An image need not contain the new values. The server computes those of a formula again. Of
 * long values and of new rows an image has digests alone, so their values are read from the table,
 * if they are still those that the chunk wrote. Other new values are unknown, and so are all of
 * these if the table has other columns now, or the server does not compute them.
 */
public final class ChangeReader {

  /** Limits for how long a table counts as unaltered. */
  private static final long CHECKED_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Holds the new values of a deleted row, and the old ones of an inserted row. */
  private static final byte[][] NOTHING = {};

  private static final BitSet NONE_UNKNOWN = new BitSet();

  private final boolean utf8;
  private final RunStatements statements = new RunStatements();

  /**
   * Stores an image whose new values are available, because most sections have the same columns.
   */
  private @Nullable RowImage checked;

  private long checkedAt;

  /**
   * @param utf8 whether text is converted to UTF-8
   */
  public ChangeReader(boolean utf8) {
    this.utf8 = utf8;
  }

  /**
   * Checks that the table of a section still has the columns of the image.
   *
   * @throws Refusal {@code undo-table-changed} if one is gone or has another type
   */
  public void checkTable(Connection connection, RowImage section) throws SQLException {
    if (!isAvailable(connection, section)) {
      section.checkColumns(new Catalog(connection));
    }
  }

  /**
   * Returns the rows of a section. May be repeated after an error.
   *
   * @param connection connection outside of a transaction
   */
  public ChangedRows read(Connection connection, RowImage section) throws SQLException {
    var rows =
        new ChangedRows(
            ChangedRows.Change.of(section.kind()),
            section.table(),
            section.keys(),
            section.columns(),
            section.rows().isEmpty() ? List.of() : rows(connection, section));
    return utf8 ? new Utf8Text(connection, statements).of(rows) : rows;
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
        .map(row -> new ChangedRows.Row(row.key(), row.before(), row.after(), NONE_UNKNOWN))
        .toList();
  }

  private List<ChangedRows.Row> computed(Connection connection, RowImage image)
      throws SQLException {
    if (isAvailable(connection, image)) {
      try (var ignored = WritingSession.lenient(connection)) {
        return known(new Recomputation(connection, statements, image).computed(image.rows()));
      }
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
              ? new ChangedRows.Row(row.key(), NOTHING, is.values(), NONE_UNKNOWN)
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
    if (!isAvailable(connection, image)) {
      return new KeyedRows();
    }
    try (var ignored = WritingSession.lenient(connection)) {
      return new RestoredTable(connection, statements, image).read(image.rows(), columns);
    }
  }

  /** Returns whether the table still has the columns of an image, and values can be computed. */
  private boolean isAvailable(Connection connection, RowImage image) throws SQLException {
    RowImage known = checked;
    if (known != null
        && System.nanoTime() - checkedAt < CHECKED_NANOS
        && known.table().equals(image.table())
        && known.stored().equals(image.stored())) {
      return true;
    }
    boolean available =
        image.changedColumn(new Catalog(connection)).isEmpty() && isComputed(connection, image);
    checked = available ? image.with(List.of()) : null;
    checkedAt = System.nanoTime();
    return available;
  }

  /**
   * Returns whether the server can compute the new values again, if the image does not have them.
   */
  private static boolean isComputed(Connection connection, RowImage image) throws SQLException {
    if (image.formula() != null) {
      try {
        Recomputation.test(connection, image);
      } catch (SQLException e) {
        if (DatabaseFailure.of(e).filter(DatabaseFailure::isTransient).isPresent()) {
          throw e;
        }
        return false;
      }
    }
    return true;
  }
}
