package dev.rowmill.sql.run;

import dev.rowmill.database.Connections;
import dev.rowmill.database.ServerError;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.RowImage.Kind;
import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkQueries.RangeQuery;
import dev.rowmill.sql.table.KeyColumn;
import dev.rowmill.sql.table.KeyValue;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.Image;
import dev.rowmill.task.SideReader;
import dev.rowmill.task.StatementTag;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rows that a chunk's statement has changed, between the statement and its commit. The
 * transaction sees the rows as they are now, and another connection sees them as they were. All
 * that the statement has changed is locked until the commit. So the result is independent of the
 * condition, of triggers and of other writers: nothing is predicted.
 *
 * <p>The two reads may differ by more rows if another transaction commits between them. Then the
 * difference does not match the number of rows that the server reports as changed, and both reads
 * are repeated. Has the thread safety of a {@link dev.rowmill.task.ChunkedRun}.
 */
final class ImageCapture {

  private static final Logger LOG = Logger.getLogger(ImageCapture.class);

  private static final int LOOKS = 4;

  /**
   * Limits the wait for a read. A session that waits to alter the table blocks new statements on
   * it, and waits for this chunk. The server does not detect this deadlock.
   */
  private static final long LONGEST_LOOK_SECONDS = 10;

  /**
   * Limits the size of an image of several rows, in bytes. A larger one takes much memory when it
   * is restored.
   */
  private static final int LARGEST_IMAGE = 12 << 20;

  private static final String NO_NUMBER = "0";

  /**
   * Holds the result of one comparison.
   *
   * @param rows rows that differ
   * @param same number of other rows that were written without a difference
   */
  private record Seen(List<RowImage.Row> rows, int same) {}

  private final ChunkQueries queries;
  private final ImageLayout layout;
  private final RowImage image;
  private final String qualifier;

  /**
   * Stores whether the condition depends only on the row, so that the other connection finds the
   * same rows with it.
   */
  private final boolean ofRowAlone;

  /** Stores whether connections were given up before, since their reads did not match. */
  private boolean gaveUp;

  /** Stores whether the server may have assigned a number to the one row that had a zero. */
  private boolean zeroIsCounted;

  private final RunStatements statements;

  /** Prepares statements on the other connection, for one thread at a time. */
  private final RunStatements beside = new RunStatements();

  /**
   * @param statements statements on the connection of the chunks
   */
  ImageCapture(ChunkQueries queries, ImageLayout layout, RunStatements statements) {
    this.queries = queries;
    this.layout = layout;
    this.statements = statements;
    image = layout.image();
    ofRowAlone = queries.statement().conditionIsOfRowAlone();
    qualifier =
        image.kind() == Kind.INSERTED ? image.table().name() : queries.statement().qualifier();
  }

  void mark(StatementTag mark) {
    beside.mark(mark);
  }

  /**
   * Returns the undo image of a statement.
   *
   * @param changed number of changed rows that the server reported
   * @param bounded whether the range has a lower end
   * @param range values of the ends of the range
   */
  ChunkResult keep(
      Connection connection,
      long changed,
      boolean bounded,
      List<BoundText.Value> range,
      SideReader sideReader)
      throws SQLException, InterruptedException {
    if (changed == 0) {
      return new ChunkResult(0, null);
    }
    int seen = 0;
    List<Integer> counts = new ArrayList<>();
    for (int look = 1; look <= LOOKS; look++) {
      // Few rows of a range that may hold very many are always selected by the condition.
      boolean matching = look <= 2 && (ofRowAlone || queries.index() != null);
      Seen found =
          switch (image.kind()) {
            case UPDATED -> updated(connection, bounded, range, sideReader, matching);
            case DELETED ->
                new Seen(deleted(connection, changed, bounded, range, sideReader, matching), 0);
            case INSERTED -> new Seen(inserted(connection, bounded, range, sideReader), 0);
          };
      seen = found.rows().size() + found.same();
      if (seen == changed) {
        return new ChunkResult(changed, found.rows().isEmpty() ? null : image(found.rows()));
      }
      counts.add(seen);
    }
    LOG.warnf(
        "%s: the server has counted %d changed rows, and the looks found %s. Both connections are"
            + " given up, as one of them may see what it should not",
        image.table().name(), changed, counts);
    boolean again = gaveUp;
    gaveUp = true;
    giveUp(connection, sideReader);
    throw notFound(changed, seen, again);
  }

  /**
   * Returns an error that says why the rows that differ do not match the server's count.
   *
   * @param again whether other connections have had the same result before
   */
  private static SQLException notFound(long changed, int seen, boolean again) {
    String counted = "The server has counted " + changed + " rows that the chunk has changed, ";
    String remedy = "; start the batch again with \"undo\": false, which keeps nothing";
    return seen < changed && again
        // The next try would have the same result.
        ? new SQLException(
            counted
                + "and of these only "
                + seen
                + " are seen to differ: a trigger that this account may not see (grant it TRIGGER"
                + " on the table) has changed others of their columns or their keys, or a value has"
                + " changed in a way that does not show"
                + remedy)
        : new SQLTransactionRollbackException(
            counted
                + "and "
                + seen
                + " are seen to differ: others change rows of the same range all the time; let fewer"
                + " of them write meanwhile"
                + remedy.replace("; start", ", or start"),
            "40001");
  }

  /**
   * Aborts both connections. The cause of the mismatch may last as long as their sessions, so the
   * next try gets new ones. The chunk is rolled back first, as the server notices an abort only
   * later.
   */
  private static void giveUp(Connection connection, SideReader sideReader)
      throws InterruptedException {
    Future<Void> other =
        sideReader.read(
            side -> {
              Connections.abort(side);
              // A failed read returns its connection to the pool.
              throw new SQLException("the connection beside is given up");
            });
    try {
      connection.rollback();
      Connections.abort(connection);
    } catch (SQLException e) {
      LOG.debug("The connection of a chunk is gone by itself", e);
    }
    try {
      other.get(LONGEST_LOOK_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("The connection beside is given up", e);
    }
  }

  private Image image(List<RowImage.Row> rows) throws SQLException {
    byte[] bytes = RowImage.write(List.of(image.of(rows)));
    if (bytes.length > LARGEST_IMAGE && rows.size() > 1) {
      throw new SQLDataException(
          "too large a chunk to be kept: " + bytes.length + " bytes", "22001");
    }
    return new Image(rows.size(), bytes);
  }

  private Seen updated(
      Connection connection,
      boolean bounded,
      List<BoundText.Value> range,
      SideReader sideReader,
      boolean matching)
      throws SQLException, InterruptedException {
    List<ImageColumn> looked = new ArrayList<>(image.columns());
    if (layout.version() != null) {
      looked.add(layout.version());
    }
    RangeQuery asTheyWere = queries.rows(select(looked), bounded, matching);
    Future<KeyedRows> looking =
        sideReader.read(other -> read(beside, other, asTheyWere, range, looked));
    KeyedRows before;
    KeyedRows after;
    if (queries.index() == null) {
      after =
          read(statements, connection, queries.rows(select(looked), bounded, false), range, looked);
      before = answer(looking);
    } else {
      // Only the few matching rows of a range that may hold very many.
      before = answer(looking);
      after = byKeys(connection, before, looked);
    }
    List<RowImage.Row> rows = new ArrayList<>();
    int same = 0;
    for (int i = 0; i < before.size(); i++) {
      KeyedRows.Row was = before.rows().get(i);
      KeyedRows.Row is = after.find(was.key(), i);
      if (is == null || KeyedRows.equal(was.values(), is.values())) {
        continue;
      }
      byte[][] old = kept(was);
      byte[][] changed = kept(is);
      if (KeyedRows.equal(old, changed)) {
        same++;
      } else {
        rows.add(RowImage.updated(was.key(), old, changed));
      }
    }
    return new Seen(rows, same);
  }

  /** Returns the values without the column that only shows whether the row was written. */
  private byte[][] kept(KeyedRows.Row row) {
    return layout.version() == null
        ? row.values()
        : Arrays.copyOf(row.values(), image.columns().size());
  }

  private List<RowImage.Row> deleted(
      Connection connection,
      long changed,
      boolean bounded,
      List<BoundText.Value> range,
      SideReader sideReader,
      boolean matching)
      throws SQLException, InterruptedException {
    RangeQuery asTheyWere = queries.rows(select(image.columns()), bounded, matching);
    KeyedRows before =
        answer(sideReader.read(other -> read(beside, other, asTheyWere, range, image.columns())));
    // All deleted rows are among these; if the numbers are equal, all of these are deleted.
    KeyedRows left =
        ofRowAlone && before.size() == changed
            ? new KeyedRows()
            : queries.index() == null
                ? read(
                    statements,
                    connection,
                    queries.rows(select(List.of()), bounded, false),
                    range,
                    List.of())
                : byKeys(connection, before, List.of());
    List<RowImage.Row> rows = new ArrayList<>();
    for (KeyedRows.Row was : before.rows()) {
      if (left.find(was.key(), rows.size()) == null) {
        rows.add(RowImage.deleted(was.key(), was.values()));
      }
    }
    return rows;
  }

  /**
   * Returns the rows that the transaction sees and that no other connection sees a moment later.
   */
  private List<RowImage.Row> inserted(
      Connection connection, boolean bounded, List<BoundText.Value> range, SideReader sideReader)
      throws SQLException, InterruptedException {
    BoundText where = newRows(connection, bounded, range);
    List<BoundText.Value> values = where.values();
    String from =
        " FROM "
            + image.table().quoted()
            + " FORCE INDEX ("
            + TableName.quoted(image.index())
            + ") WHERE "
            + where.sql();
    KeyedRows own =
        read(
            statements,
            connection,
            new RangeQuery(select(image.columns()) + from, List.of()),
            values,
            image.columns());
    RangeQuery keys = new RangeQuery(select(List.of()) + from, List.of());
    KeyedRows others =
        answer(sideReader.read(other -> read(beside, other, keys, values, List.of())));
    List<RowImage.Row> rows = new ArrayList<>();
    for (KeyedRows.Row row : own.rows()) {
      if (others.find(row.key(), Integer.MAX_VALUE) == null) {
        rows.add(RowImage.inserted(row.key(), row.values()));
      }
    }
    return rows;
  }

  /** Returns a condition that selects the new rows, and maybe others. */
  private BoundText newRows(Connection connection, boolean bounded, List<BoundText.Value> range)
      throws SQLException {
    KeyColumn first = layout.key().columns().get(0);
    String counted = first.compared(qualifier, ">=");
    if (queries.statement().isUndivided()) {
      return new BoundText("TRUE", List.of());
    } else if (layout.counted()) {
      return new BoundText(counted, number(first, firstNumber(connection)));
    }
    String taken = layout.key().range(qualifier, bounded);
    String number = zeroIsCounted ? firstNumber(connection) : NO_NUMBER;
    if (number.equals(NO_NUMBER)) {
      return new BoundText(taken, range);
    }
    List<BoundText.Value> values = new ArrayList<>(range);
    values.addAll(number(first, number));
    return new BoundText("(" + taken + " OR " + counted + ")", values);
  }

  private static List<BoundText.Value> number(KeyColumn column, String number) {
    return column.bound(KeyValue.text(number), ">=");
  }

  /**
   * Prepares for the chunk's statement, which must be next on the connection.
   *
   * @param after key at which the chunk begins, exclusive; null at the start of the walk
   * @param upTo key at which the chunk ends, inclusive
   */
  void prepare(Connection connection, @Nullable List<KeyValue> after, List<KeyValue> upTo)
      throws SQLException {
    zeroIsCounted =
        layout.countsZero()
            && (after == null || new BigInteger(after.get(0).text()).signum() < 0)
            && new BigInteger(upTo.get(0).text()).signum() >= 0;
    if (zeroIsCounted) {
      // Stays 0 unless the server assigns a number, which its SQL mode may prevent.
      try (ResultSet row =
          statements.bound(connection, "SELECT LAST_INSERT_ID(0)", List.of()).executeQuery()) {
        row.next();
      }
    }
  }

  /** Returns the first number that the server assigned in the last statement. */
  private String firstNumber(Connection connection) throws SQLException {
    try (ResultSet row =
        statements.bound(connection, "SELECT LAST_INSERT_ID()", List.of()).executeQuery()) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }

  private KeyedRows byKeys(Connection connection, KeyedRows known, List<ImageColumn> columns)
      throws SQLException {
    var cells = new JsonRowTable(image.keys());
    String sql = select(columns) + " FROM " + cells.joined(image, qualifier);
    List<String> documents =
        cells.documents(
            known.rows().stream().<byte[][]>map(KeyedRows.Row::key)::iterator,
            JsonRowTable.mostCharacters(statements.largestPacket(connection)));
    var found = new KeyedRows();
    for (String document : documents) {
      PreparedStatement query =
          statements.bound(connection, sql, List.of(new BoundText.Value(document)));
      found.add(query, image.keys(), columns);
    }
    return found;
  }

  private String select(List<ImageColumn> columns) {
    return KeyedRows.select(image.keys(), columns, qualifier);
  }

  private KeyedRows read(
      RunStatements prepared,
      Connection connection,
      RangeQuery query,
      List<BoundText.Value> range,
      List<ImageColumn> columns)
      throws SQLException {
    return KeyedRows.read(
        prepared.bound(connection, query.sql(), query.with(range)), image.keys(), columns);
  }

  private static KeyedRows answer(Future<KeyedRows> looking)
      throws SQLException, InterruptedException {
    try {
      return looking.get(LONGEST_LOOK_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      // Reported as a lock wait timeout, after which the next chunk is smaller.
      throw new SQLTransientException(
          "the rows can't be read as they were: the table may be about to be altered",
          "HY000",
          ServerError.ER_LOCK_WAIT_TIMEOUT.number(),
          e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof SQLException sql) {
        throw sql;
      }
      throw new SQLException("the rows can't be read as they were", cause);
    }
  }
}
