package dev.rowmill.sql.run;

import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.Refusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads from undo images what chunks have changed, section by section. Changes no data and takes no
 * lock. For one thread at a time.
 *
 * <p>An image need not contain the new values. The server computes those of a formula again. Of
 * long values and of new rows an image has digests alone, so their values are read from the table,
 * if they are still those that the chunk wrote. Other new values are unknown, and so are all of
 * these if the table has other columns now, or the server does not compute them.
 */
public final class ChangeReader {

  /** Limits the rows of a section. */
  private static final int MOST_ROWS = 5_000;

  /** Limits the stored bytes of a section of several rows. */
  private static final long MOST_BYTES = 2L << 20;

  /** Limits for how long a table counts as unaltered. */
  private static final long CHECKED_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Holds the new values of a deleted row, and the old ones of an inserted row. */
  private static final byte[][] NOTHING = {};

  private static final BitSet NONE_UNKNOWN = new BitSet();

  private final boolean utf8;
  private final boolean newestFirst;
  private final KeyFilter keys;
  private final RunStatements statements = new RunStatements();

  /** Holds the rows that are left, in the order in which they are read. */
  private final Deque<RowImage> left = new ArrayDeque<>();

  /** Stores an image whose new values are available, because most images have the same columns. */
  private @Nullable RowImage checked;

  private long checkedAt;

  /**
   * @param utf8 whether text is converted to UTF-8
   * @param newestFirst whether the last rows of an image are read first
   * @param keys rows to read
   */
  public ChangeReader(boolean utf8, boolean newestFirst, KeyFilter keys) {
    this.utf8 = utf8;
    this.newestFirst = newestFirst;
    this.keys = keys;
  }

  /**
   * Begins with the image of another chunk.
   *
   * @param image image that a run of SQL has stored
   * @param undone number of its rows, counted from the end, that are left out
   */
  public void open(byte[] image, int undone) {
    left.clear();
    List<RowImage> images = RowImage.read(image);
    int size = images.stream().mapToInt(each -> each.rows().size()).sum() - undone;
    for (RowImage each : images) {
      List<RowImage.Row> rows = each.rows().subList(0, Math.min(size, each.rows().size()));
      size -= rows.size();
      if (keys.isOfAll() || rows.isEmpty()) {
        add(each, rows);
      } else {
        Predicate<byte[]> selected = keys.of(each.keys().get(0));
        add(each, rows.stream().filter(row -> selected.test(row.key()[0])).toList());
      }
    }
  }

  /**
   * Checks that the tables still have the columns of the image.
   *
   * @throws Refusal {@code undo-table-changed} if one is gone or has another type
   */
  public void checkTables(Connection connection) throws SQLException {
    for (RowImage each : left) {
      if (!isAvailable(connection, each)) {
        each.checkColumns(new Catalog(connection));
      }
    }
  }

  private void add(RowImage image, List<RowImage.Row> rows) {
    List<RowImage.Row> inOrder = new ArrayList<>(rows);
    if (newestFirst) {
      Collections.reverse(inOrder);
      left.addFirst(image.with(inOrder));
    } else {
      left.addLast(image.with(inOrder));
    }
  }

  /** Returns whether all rows of the image have been read. */
  public boolean isDone() {
    return left.isEmpty();
  }

  /**
   * Returns the next rows of the image, of which there must be some, and none if no row of a part
   * of the image is selected. After an error, the next call returns the same rows.
   *
   * @param connection connection outside of a transaction
   */
  public ChangedRows next(Connection connection) throws SQLException {
    RowImage image = left.getFirst();
    int size = section(image.rows());
    RowImage section = image.with(image.rows().subList(0, size));
    var rows =
        new ChangedRows(
            ChangedRows.Change.of(image.kind()),
            image.table(),
            image.keys(),
            image.columns(),
            size == 0 ? List.of() : rows(connection, section));
    ChangedRows read = utf8 ? new Utf8Text(connection, statements).of(rows) : rows;
    left.removeFirst();
    if (size < image.rows().size()) {
      left.addFirst(image.with(image.rows().subList(size, image.rows().size())));
    }
    return read;
  }

  /** Returns how many rows the next section has. */
  private static int section(List<RowImage.Row> rows) {
    long bytes = 0;
    int size = 0;
    while (size < rows.size() && size < MOST_ROWS) {
      bytes += JsonRowTable.characters(rows.get(size).before());
      if (bytes > MOST_BYTES && size > 0) {
        break;
      }
      size++;
    }
    return size;
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
