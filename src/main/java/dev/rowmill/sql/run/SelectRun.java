package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.run.ImageColumn.Form;
import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkQueries.RangeQuery;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.statement.WalkPlan;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.table.WalkedRows;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import dev.rowmill.task.StatementTag;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads the rows that a query selects from one table, along the key of the table. For one thread at
 * a time.
 */
public final class SelectRun {

  private final ChunkQueries queries;
  private final List<ImageColumn> columns;
  private final SqlChunkedRun walk;
  private final RunStatements statements = new RunStatements();

  /** Takes the rows of a chunk, one after the other. */
  public interface Sink {

    /**
     * Takes a row.
     *
     * @param values one for each column, as {@link ImageColumn} encodes them, but text in UTF-8;
     *     null for NULL
     */
    void row(byte[][] values) throws IOException;
  }

  private SelectRun(WalkPlan plan, List<ImageColumn> columns) {
    this.queries = plan.queries();
    this.columns = columns;
    this.walk = new SqlChunkedRun(queries, plan.rows());
  }

  /**
   * Opens a run.
   *
   * @param statement compiled by {@link ChunkableStatement#compileRows}
   */
  public static SelectRun open(ChunkableStatement statement, Connection connection)
      throws SQLException {
    return new SelectRun(WalkPlan.of(statement, connection), columns(statement, connection));
  }

  /**
   * Returns the selected columns.
   *
   * @throws Refusal {@code unsupported-statement} if the table does not have one of them, or one is
   *     selected twice
   */
  public static List<ImageColumn> columns(ChunkableStatement statement, Connection connection)
      throws SQLException {
    List<Column> all = new Catalog(connection).columns(statement.table());
    List<ImageColumn> columns = new ArrayList<>();
    for (String name : statement.selected()) {
      Column column =
          all.stream()
              .filter(each -> each.name().equalsIgnoreCase(name))
              .findFirst()
              .orElseThrow(() -> unknown(name));
      if (columns.stream().anyMatch(each -> each.name().equals(column.name()))) {
        throw StatementParser.refusal(Set.of(Reason.of("select-form")));
      }
      ImageColumn image = ImageColumn.of(column);
      columns.add(
          image.form() == Form.TYPED_JSON
              ? new ImageColumn(
                  image.name(), Form.JSON, image.type(), image.charset(), image.collation())
              : image);
    }
    return List.copyOf(columns);
  }

  private static Refusal unknown(String column) {
    return StatementParser.refusal(Set.of(Reason.of("unknown-column", "column", column)));
  }

  /** Returns the selected columns in their order. */
  public List<ImageColumn> columns() {
    return columns;
  }

  /** Returns the run that walks the table, of which only the methods that find ranges are used. */
  public SqlChunkedRun walk() {
    return walk;
  }

  /** Sets the tag of all statements. */
  public void mark(StatementTag mark) {
    walk.mark(mark);
    statements.mark(mark);
  }

  /**
   * Reads the rows of a chunk that match, in the order of the key. They are streamed: none is held.
   *
   * @return number of rows
   */
  public long read(Connection connection, Chunk chunk, Sink sink) throws SQLException, IOException {
    String qualifier = queries.statement().qualifier();
    ChunkKey key = queries.statement().key();
    WalkedRows range = WalkedRows.between(key, chunk.after(), chunk.upTo());
    String select =
        columns.stream()
            .map(column -> selected(column, qualifier))
            .collect(Collectors.joining(", ", "SELECT ", ""));
    RangeQuery query = queries.rows(select, range, true);
    PreparedStatement bound =
        statements.bound(
            connection,
            query.sql() + " ORDER BY " + key.order(qualifier, false),
            query.with(range.values()));
    // The driver streams the rows instead of holding all of them.
    bound.setFetchSize(Integer.MIN_VALUE);
    long rows = 0;
    try (var any = AnyPacket.on(connection);
        ResultSet row = bound.executeQuery()) {
      while (row.next()) {
        byte[][] values = new byte[columns.size()][];
        for (int i = 0; i < values.length; i++) {
          values[i] = columns.get(i).read(row, i + 1);
        }
        sink.row(values);
        rows++;
      }
    }
    return rows;
  }

  /** Returns SQL for a value. The server converts text, as it would send it unconverted. */
  private static String selected(ImageColumn column, String qualifier) {
    if (column.form() != Form.TEXT) {
      return column.selected(qualifier);
    }
    return column.isUtf8() ? column.in(qualifier) : column.inUtf8(qualifier);
  }
}
