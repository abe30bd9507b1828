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
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Reads the rows that a query selects from one table, along the key of the table. For one thread at
 * a time.
 */
public final class SelectRun {

  private final ChunkQueries queries;
  private final List<ImageColumn> columns;
  private final SqlChunkedRun walk;
  private final RunStatements statements = new RunStatements();

  /** Lists the indexes of the columns whose text is converted to UTF-8. */
  private final int[] converted;

  private Map<String, Long> brokenTexts = Map.of();

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
    this.converted =
        IntStream.range(0, columns.size()).filter(i -> columns.get(i).isOtherText()).toArray();
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
    List<ImageColumn> columns = new ArrayList<>();
    for (Column column : selected(statement, new Catalog(connection).columns(statement.table()))) {
      ImageColumn image = ImageColumn.of(column);
      columns.add(
          image.form() == Form.TYPED_JSON
              ? new ImageColumn(
                  image.name(), Form.JSON, image.type(), image.charset(), image.collation())
              : image);
    }
    return List.copyOf(columns);
  }

  /** Returns the selected ones of all columns of the table, as {@link #columns} does. */
  static List<Column> selected(ChunkableStatement statement, List<Column> all) {
    List<Column> selected = new ArrayList<>();
    List<String> names =
        statement.parsed().selectsAll()
            ? all.stream().filter(column -> !column.hidden()).map(Column::name).toList()
            : statement.selected();
    for (String name : names) {
      Column column =
          all.stream()
              .filter(each -> each.name().equalsIgnoreCase(name))
              .findFirst()
              .orElseThrow(() -> unknown(name));
      if (selected.contains(column)) {
        throw StatementParser.refusal(Set.of(Reason.of("select-form")));
      }
      selected.add(column);
    }
    return selected;
  }

  private static Refusal unknown(String column) {
    return StatementParser.refusal(Set.of(Reason.of("unknown-column", "column", column)));
  }

  /** Returns the name of the table with its schema. */
  public String table() {
    return queries.statement().table().written();
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
   * Returns whether the table has other columns than at the opening. In a transaction that has read
   * the table, it keeps its columns until the end.
   */
  public boolean isAltered(Connection connection) throws SQLException {
    return !columns(queries.statement(), connection).equals(columns);
  }

  /**
   * Reads the rows of a chunk that match, in the order of the key. They are streamed: none is held.
   *
   * @return number of rows
   * @throws SQLDataException if the server can't convert a text
   */
  public long read(Connection connection, Chunk chunk, Sink sink) throws SQLException, IOException {
    String qualifier = queries.statement().qualifier();
    ChunkKey key = queries.statement().key();
    WalkedRows range = WalkedRows.between(key, chunk.after(), chunk.upTo());
    RangeQuery query = queries.rows(select(qualifier), range, true);
    PreparedStatement bound =
        statements.bound(
            connection,
            query.sql() + " ORDER BY " + key.order(qualifier, false),
            query.with(range.values()));
    // The driver streams the rows instead of holding all of them.
    bound.setFetchSize(Integer.MIN_VALUE);
    Map<String, Long> broken = new LinkedHashMap<>();
    long rows = 0;
    try (var any = AnyPacket.on(connection);
        ResultSet row = bound.executeQuery()) {
      while (row.next()) {
        byte[][] values = new byte[columns.size()][];
        for (int i = 0; i < values.length; i++) {
          values[i] = columns.get(i).read(row, i + 1);
        }
        for (int i = 0; i < converted.length; i++) {
          if (row.getInt(values.length + i + 1) != 0) {
            ImageColumn column = columns.get(converted[i]);
            if (values[converted[i]] == null) {
              throw Utf8Text.unconvertible(column);
            }
            broken.merge(column.name(), 1L, Long::sum);
          }
        }
        sink.row(values);
        rows++;
      }
    }
    brokenTexts = broken;
    return rows;
  }

  /**
   * Returns how many texts of the last {@link #read} had bytes that are no characters, and have a
   * question mark instead, by the name of the column. Columns without any are left out.
   */
  public Map<String, Long> brokenTexts() {
    return brokenTexts;
  }

  private String select(String qualifier) {
    return Stream.concat(
            columns.stream().map(column -> selected(column, qualifier)),
            Arrays.stream(converted).mapToObj(i -> isBroken(columns.get(i), qualifier)))
        .collect(Collectors.joining(", ", "SELECT ", ""));
  }

  /** Returns SQL for a value. The server converts text, as it would send it unconverted. */
  private static String selected(ImageColumn column, String qualifier) {
    return column.isOtherText()
        ? column.inUtf8(qualifier)
        : column.form() == Form.TEXT ? column.in(qualifier) : column.selected(qualifier);
  }

  /** Returns SQL for whether a text has more question marks, or is NULL, after its conversion. */
  private static String isBroken(ImageColumn column, String qualifier) {
    String text = column.in(qualifier);
    String utf8 = column.inUtf8(qualifier);
    return text
        + " IS NOT NULL AND ("
        + utf8
        + " IS NULL OR "
        + marks(utf8)
        + " > "
        + marks(text)
        + ")";
  }

  private static String marks(String text) {
    return "CHAR_LENGTH(%1$s) - CHAR_LENGTH(REPLACE(%1$s, '?', SPACE(0)))".formatted(text);
  }
}
