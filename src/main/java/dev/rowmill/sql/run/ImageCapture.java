package dev.rowmill.sql.run;

import dev.rowmill.database.Connections;
import dev.rowmill.database.ServerError;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.RowImage.Kind;
import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkQueries.RangeQuery;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.Image;
import dev.rowmill.task.SideReader;
import dev.rowmill.task.StatementTag;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
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

  private static final int COMPARISONS = 4;

  /**
   * Limits the wait for a read. A session that waits to alter the table blocks new statements on
   * it, and waits for this chunk. The server does not detect this deadlock.
   */
  private static final long LONGEST_READ_SECONDS = 10;

  /**
   * Limits the size of an image of several rows, in bytes. A larger one takes much memory when it
   * is restored.
   */
  private static final int LARGEST_IMAGE = 12 << 20;

  /**
   * Holds the result of one comparison.
   *
   * @param rows rows that differ
   * @param same number of other rows that were written without a difference
   */
  private record Compared(List<RowImage.Row> rows, int same) {}

  private final ChunkQueries queries;
  private final ImageLayout layout;

  /** Makes the formulas of images without new values; null if these must be stored. */
  private final @Nullable FormulaSource formulas;

  private final RowImage image;
  private final String qualifier;

  /**
   * Stores whether the condition depends only on the row, so that the other connection finds the
   * same rows with it.
   */
  private final boolean ofRowAlone;

  private final NewRowsRange newRows;
  private final RunStatements statements;

  /** Prepares statements on the side connection, for one thread at a time. */
  private final RunStatements sideStatements = new RunStatements();

  /** Holds the rows that the statement is about to change; null if they were not read. */
  private @Nullable LockedRows locked;

  /** Stores whether the server can aggregate the rows that are read and locked. */
  private final boolean aggregates;

  /** Stores whether connections were closed before, since their reads did not match. */
  private boolean closedBefore;

  /**
   * @param statements statements on the connection of the chunks
   */
  ImageCapture(
      ChunkQueries queries,
      ImageLayout layout,
      @Nullable FormulaSource formulas,
      RunStatements statements) {
    this.queries = queries;
    this.layout = layout;
    this.formulas = formulas;
    this.statements = statements;
    image = layout.image();
    aggregates =
        AggregatedRows.isPossible(
            Stream.concat(
                    image.keys().stream(),
                    (formulas == null ? image.columns() : formulas.columns()).stream())
                .toList());
    ofRowAlone = queries.statement().conditionIsOfRowAlone();
    qualifier =
        image.kind() == Kind.INSERTED ? image.table().name() : queries.statement().qualifier();
    newRows = new NewRowsRange(layout, qualifier, queries.statement().isUndivided(), statements);
  }

  void mark(StatementTag mark) {
    sideStatements.mark(mark);
  }

  /**
   * Prepares for the chunk's statement, which must be next on the connection. Reads and locks the
   * rows that an UPDATE will find, if its condition shows which these are.
   *
   * @param mayHoldZero whether one of the rows may have the key 0, where the key is a number
   */
  void prepare(CapturedRange range, BooleanSupplier mayHoldZero) throws SQLException {
    newRows.prepare(range.connection(), mayHoldZero);
    locked = layout.locksFirst() ? lock(range) : null;
  }

  private LockedRows lock(CapturedRange range) throws SQLException {
    List<ImageColumn> columns = formulas == null ? image.columns() : formulas.columns();
    if (aggregates) {
      Optional<AggregatedRows> rows =
          AggregatedRows.read(
              statements,
              range.connection(),
              image.keys(),
              columns,
              AggregatedRows.listed(
                  Stream.concat(image.keys().stream(), columns.stream()).toList(), qualifier),
              select -> locking(range, select));
      if (rows.isPresent()) {
        return rows.get();
      }
    }
    BoundText rows = locking(range, select(columns));
    return KeyedRows.read(
        statements.bound(range.connection(), rows.sql(), rows.values()), image.keys(), columns);
  }

  private BoundText locking(CapturedRange range, String select) {
    RangeQuery rows = queries.rows(select, range.rows(), true);
    return new BoundText(rows.sql() + " FOR UPDATE", rows.with(range.rows().values()));
  }

  /**
   * Returns the undo image of a statement.
   *
   * @param counted numbers of rows that the server reported
   */
  ChunkResult capture(IgnoredRows.Counted counted, CapturedRange range)
      throws SQLException, InterruptedException {
    LockedRows rows = locked;
    locked = null;
    long changed = counted.changed();
    if (changed == 0) {
      return new ChunkResult(0, null);
    }
    if (rows != null) {
      Optional<Image> complete = ofLocked(rows, counted, range);
      if (complete.isPresent()) {
        return new ChunkResult(changed, complete.get());
      }
    }
    int different = 0;
    List<Integer> counts = new ArrayList<>();
    for (int comparison = 1; comparison <= COMPARISONS; comparison++) {
      // Few rows of a range that may hold very many are always selected by the condition.
      boolean matching = comparison <= 2 && (ofRowAlone || queries.index() != null);
      Compared found =
          switch (image.kind()) {
            case UPDATED -> updated(range, matching);
            case DELETED -> new Compared(deleted(changed, range, matching), 0);
            case INSERTED -> new Compared(inserted(range), 0);
          };
      different = found.rows().size() + found.same();
      if (different == changed) {
        return new ChunkResult(
            changed, found.rows().isEmpty() ? null : image(image.of(found.rows())));
      }
      counts.add(different);
    }
    LOG.warnf(
        "%s: the server reported %d changed rows, but the comparisons found %s. Both connections"
            + " are closed, because one of them may have read a wrong snapshot",
        image.table().name(), changed, counts);
    boolean again = closedBefore;
    closedBefore = true;
    close(range.connection(), range.side());
    throw mismatch(changed, different, again);
  }

  /**
   * Returns an error that says why the rows that differ do not match the server's count.
   *
   * @param again whether other connections have had the same result before
   */
  private static SQLException mismatch(long changed, int different, boolean again) {
    String counted =
        "The server reported %d rows that the chunk changed, but %s%d rows differ: "
            .formatted(changed, different < changed ? "only " : "", different);
    String withoutUndo = " start the batch again with \"undo\": false, which stores no undo data";
    return different < changed && again
        // The next try would have the same result.
        ? new SQLException(
            counted
                + "a trigger that this account can't see has changed others of their columns or"
                + " their keys, or a value has changed in a way that a comparison does not find."
                + " Grant the account TRIGGER on the table, or"
                + withoutUndo)
        : new SQLTransactionRollbackException(
            counted
                + "other sessions change rows of the same range continuously. Reduce these writes"
                + " during the batch, or"
                + withoutUndo,
            "40001");
  }

  /**
   * Aborts both connections. The cause of the mismatch may last as long as their sessions, so the
   * next try gets new ones. The chunk is rolled back first, as the server notices an abort only
   * later.
   */
  private static void close(Connection connection, SideReader sideReader)
      throws InterruptedException {
    Future<Void> other =
        sideReader.read(
            side -> {
              Connections.abort(side);
              // A failed read returns its connection to the pool.
              throw new SQLException("the side connection is closed");
            });
    try {
      connection.rollback();
      Connections.abort(connection);
    } catch (SQLException e) {
      LOG.debug("The connection of a chunk is lost already", e);
    }
    try {
      other.get(LONGEST_READ_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("The side connection is closed", e);
    }
  }

  /**
   * Returns the image of rows that were read and locked before the statement; empty if the numbers
   * of rows do not prove that these are the changed ones.
   */
  private Optional<Image> ofLocked(
      LockedRows rows, IgnoredRows.Counted counted, CapturedRange range) throws SQLException {
    boolean all = rows.size() == counted.changed();
    if (image.kind() == Kind.DELETED) {
      return all ? Optional.of(image(image, rows)) : Optional.empty();
    }
    if (all && formulas != null && rows.size() == counted.matched()) {
      return Optional.of(image(image.with(formula(formulas, rows, range)), rows));
    }
    KeyedRows before = rows.keyed();
    Compared found = compared(before, now(range, before, image.columns()));
    return found.rows().size() == counted.changed()
        ? Optional.of(image(image.of(found.rows())))
        : Optional.empty();
  }

  private Formula formula(FormulaSource source, LockedRows rows, CapturedRange range)
      throws SQLException {
    byte[][] constants = {};
    if (!source.constantColumns().isEmpty()) {
      var first = new KeyedRows(rows.first());
      constants = byKeys(range.connection(), first, source.constantColumns()).first().values();
    }
    return source.formula(range.connection(), constants);
  }

  private static Image image(RowImage changes) throws SQLException {
    return image(changes.rows().size(), RowImage.write(List.of(changes)));
  }

  private static Image image(RowImage layout, LockedRows rows) throws SQLException {
    return image(rows.size(), RowImage.write(layout, rows));
  }

  /**
   * Returns an image.
   *
   * @throws SQLDataException if there are several rows and it is too large; retry with fewer
   */
  static Image image(int rows, byte[] bytes) throws SQLException {
    if (bytes.length > LARGEST_IMAGE && rows > 1) {
      throw new SQLDataException(
          "the image of the chunk is too large: " + bytes.length + " bytes", "22001");
    }
    return new Image(rows, bytes);
  }

  private Compared updated(CapturedRange range, boolean matching)
      throws SQLException, InterruptedException {
    List<ImageColumn> columns = new ArrayList<>(image.columns());
    if (layout.version() != null) {
      columns.add(layout.version());
    }
    RangeQuery query = queries.rows(select(columns), range.rows(), matching);
    Future<KeyedRows> sideRead = readOnSide(range, query, columns);
    KeyedRows before;
    KeyedRows after;
    if (queries.index() == null) {
      after = readAll(range, columns);
      before = await(sideRead);
    } else {
      before = await(sideRead);
      after = now(range, before, columns);
    }
    return compared(before, after);
  }

  /** Reads rows as they are now. */
  private KeyedRows now(CapturedRange range, KeyedRows before, List<ImageColumn> columns)
      throws SQLException {
    return queries.index() == null
        ? readAll(range, columns)
        // Only the few matching rows of a range that may hold very many.
        : byKeys(range.connection(), before, columns);
  }

  private Compared compared(KeyedRows before, KeyedRows after) {
    List<RowImage.Row> rows = new ArrayList<>();
    int same = 0;
    for (int i = 0; i < before.size(); i++) {
      KeyedRows.Row was = before.rows().get(i);
      KeyedRows.Row is = after.find(was.key(), i);
      // The rows as they were may be read with the inputs of a formula.
      if (is == null || KeyedRows.equal(is.values(), was.values())) {
        continue;
      }
      byte[][] old = stored(was);
      byte[][] changed = stored(is);
      if (KeyedRows.equal(old, changed)) {
        same++;
      } else {
        rows.add(RowImage.updated(was.key(), old, changed));
      }
    }
    return new Compared(rows, same);
  }

  /** Returns the values of the written columns alone. */
  private byte[][] stored(KeyedRows.Row row) {
    return row.values().length == image.columns().size()
        ? row.values()
        : Arrays.copyOf(row.values(), image.columns().size());
  }

  private List<RowImage.Row> deleted(long changed, CapturedRange range, boolean matching)
      throws SQLException, InterruptedException {
    RangeQuery query = queries.rows(select(image.columns()), range.rows(), matching);
    KeyedRows before = await(readOnSide(range, query, image.columns()));
    // All deleted rows are among these; if the numbers are equal, all of these are deleted.
    KeyedRows left =
        ofRowAlone && before.size() == changed ? new KeyedRows() : now(range, before, List.of());
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
  private List<RowImage.Row> inserted(CapturedRange range)
      throws SQLException, InterruptedException {
    BoundText where = newRows.condition(range);
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
            range.connection(),
            new RangeQuery(select(image.columns()) + from, List.of()),
            where.values(),
            image.columns());
    RangeQuery keys = new RangeQuery(select(List.of()) + from, List.of());
    KeyedRows others = await(readOnSide(range.side(), keys, where.values(), List.of()));
    List<RowImage.Row> rows = new ArrayList<>();
    for (KeyedRows.Row row : own.rows()) {
      if (others.find(row.key(), Integer.MAX_VALUE) == null) {
        rows.add(RowImage.inserted(row.key(), row.values()));
      }
    }
    return rows;
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

  /** Reads the rows as they were, which only the side connection sees. */
  private Future<KeyedRows> readOnSide(
      CapturedRange range, RangeQuery query, List<ImageColumn> columns)
      throws InterruptedException {
    return readOnSide(range.side(), query, range.rows().values(), columns);
  }

  private Future<KeyedRows> readOnSide(
      SideReader reader, RangeQuery query, List<BoundText.Value> values, List<ImageColumn> columns)
      throws InterruptedException {
    return reader.read(side -> read(sideStatements, side, query, values, columns));
  }

  /** Reads all rows of the range as they are now. */
  private KeyedRows readAll(CapturedRange range, List<ImageColumn> columns) throws SQLException {
    RangeQuery query = queries.rows(select(columns), range.rows(), false);
    return read(statements, range.connection(), query, range.rows().values(), columns);
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

  private static KeyedRows await(Future<KeyedRows> sideRead)
      throws SQLException, InterruptedException {
    try {
      return sideRead.get(LONGEST_READ_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      // Reported as a lock wait timeout, after which the next chunk is smaller.
      throw new SQLTransientException(
          "the old rows can't be read in time: the table may be about to be altered",
          "HY000",
          ServerError.ER_LOCK_WAIT_TIMEOUT.number(),
          e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof SQLException sql) {
        throw sql;
      }
      throw new SQLException("the old rows can't be read", cause);
    }
  }
}
