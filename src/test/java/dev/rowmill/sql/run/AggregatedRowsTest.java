package dev.rowmill.sql.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.mysql.cj.jdbc.MysqlDataSource;
import dev.rowmill.sql.Database;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.ImageColumn.Form;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.testing.AllTypesTable;
import dev.rowmill.testing.AllTypesTable.Key;
import dev.rowmill.testing.BesideOthers;
import dev.rowmill.testing.TestServer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests that aggregated rows hold the same bytes as rows that are read one by one. */
@BesideOthers
class AggregatedRowsTest {

  private static final int ROWS = 300;
  private static final ImageColumn ID = new ImageColumn("id", Form.INTEGER, "int", null, null);

  private static final TestServer SERVER = new TestServer();
  private static final MysqlDataSource DATABASE = new MysqlDataSource();

  @BeforeAll
  static void start() throws SQLException {
    SERVER.start();
    DATABASE.setURL(SERVER.url(""));
    DATABASE.setUser(SERVER.user());
    DATABASE.setPassword(SERVER.password());
    DATABASE.setUseServerPrepStmts(true);
  }

  @AfterAll
  static void stop() {
    SERVER.close();
  }

  @ParameterizedTest
  @EnumSource
  void values_of_every_type_are_those_of_single_rows(Key key) throws SQLException {
    AllTypesTable table = AllTypesTable.create(DATABASE, key, ROWS);
    try (Connection connection = DATABASE.getConnection()) {
      TableName name = new TableName("rowmill_work", table.name().split("\\.")[1]);
      List<ImageColumn> all =
          new Catalog(connection)
              .columns(name).stream()
                  .filter(column -> !column.generated())
                  .map(ImageColumn::of)
                  .filter(column -> column.listed("t").isPresent())
                  .toList();
      assertTrue(all.size() > 50, all::toString);
      List<ImageColumn> keys = all.subList(0, key == Key.UNUSUAL ? 5 : 1);
      List<ImageColumn> columns = all.subList(keys.size(), all.size());
      assertTrue(AggregatedRows.isPossible(all));
      String from = " FROM " + name.quoted() + " AS t FORCE INDEX (PRIMARY)";
      KeyedRows single = single(connection, keys, columns, from);
      AggregatedRows aggregated = aggregated(connection, keys, columns, from).orElseThrow();
      assertEquals(ROWS, aggregated.size());
      assertEquals(texts(single.rows(), all), texts(aggregated.keyed().rows(), all));
      assertArrayEquals(single.first().key(), aggregated.first().key());
      var layout =
          new RowImage(RowImage.Kind.DELETED, name, "PRIMARY", keys, columns, List.of(), null);
      assertArrayEquals(RowImage.write(layout, single), RowImage.write(layout, aggregated));
    }
  }

  private static KeyedRows single(
      Connection connection, List<ImageColumn> keys, List<ImageColumn> columns, String from)
      throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(KeyedRows.select(keys, columns, "t") + from)) {
      return KeyedRows.read(query, keys, columns);
    }
  }

  private static Optional<AggregatedRows> aggregated(
      Connection connection, List<ImageColumn> keys, List<ImageColumn> columns, String from)
      throws SQLException {
    return AggregatedRows.read(
        new RunStatements(),
        connection,
        keys,
        columns,
        AggregatedRows.listed(Stream.concat(keys.stream(), columns.stream()).toList(), "t"),
        select -> new BoundText(select + from, List.of()));
  }

  /** Returns each value with the name of its column, in Latin-1 as any byte has a character. */
  private static List<String> texts(List<KeyedRows.Row> rows, List<ImageColumn> columns) {
    List<String> texts = new ArrayList<>();
    for (KeyedRows.Row row : rows) {
      List<byte[]> values = new ArrayList<>(Arrays.asList(row.key()));
      values.addAll(Arrays.asList(row.values()));
      for (int i = 0; i < values.size(); i++) {
        byte[] value = values.get(i);
        texts.add(
            columns.get(i).name()
                + "="
                + (value == null ? null : new String(value, StandardCharsets.ISO_8859_1)));
      }
    }
    return texts;
  }

  @Test
  void null_and_empty_text_are_distinct_in_every_sql_mode() throws SQLException {
    try (var database = new Database();
        Connection connection = database.another();
        Statement statement = connection.createStatement()) {
      database.run(
          "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(9) CHARACTER SET latin1, n INT)",
          "INSERT INTO t VALUES (1, NULL, NULL), (2, '', 0), (3, ',', NULL)");
      List<ImageColumn> columns =
          List.of(
              new ImageColumn("a", Form.TEXT, "varchar(9)", "latin1", "latin1_swedish_ci"),
              new ImageColumn("n", Form.INTEGER, "int", null, null));
      List<String> modes = new ArrayList<>(List.of("", "ANSI", "NO_BACKSLASH_ESCAPES"));
      if (database.mariaDb()) {
        modes.add("EMPTY_STRING_IS_NULL");
        modes.add("ORACLE");
      }
      for (String mode : modes) {
        statement.execute("SET sql_mode = '" + mode + "'");
        List<KeyedRows.Row> rows =
            aggregated(connection, List.of(ID), columns, " FROM t ORDER BY id")
                .orElseThrow()
                .keyed()
                .rows();
        List<ImageColumn> all = List.of(ID, columns.get(0), columns.get(1));
        assertEquals(
            List.of("id=1", "a=null", "n=null", "id=2", "a=", "n=0", "id=3", "a=,", "n=null"),
            texts(rows, all),
            mode);
      }
    }
  }

  @Test
  void a_list_that_may_be_cut_off_is_not_used() throws SQLException {
    try (var database = new Database();
        Connection connection = database.another()) {
      database.run(
          "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(16000) CHARACTER SET latin1)",
          "INSERT INTO t WITH RECURSIVE s AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM s WHERE i <"
              + " 600) SELECT i, REPEAT('a', 16000) FROM s");
      List<ImageColumn> a =
          List.of(new ImageColumn("a", Form.TEXT, "varchar(16000)", "latin1", "latin1_swedish_ci"));
      String from = " FROM t WHERE id <= ";
      assertEquals(100, aggregated(connection, List.of(ID), a, from + 100).orElseThrow().size());
      assertEquals(Optional.empty(), aggregated(connection, List.of(ID), a, from + 600));
    }
  }

  @Test
  void rows_that_are_too_large_together_are_not_held() throws SQLException {
    try (var database = new Database();
        Connection connection = database.another()) {
      database.run(
          "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, a VARCHAR(250) CHARACTER SET latin1,"
              + " c INT)",
          "INSERT INTO t (a, c) VALUES (REPEAT('a', 250), 1)");
      for (int rows = 1; rows < 1 << 17; rows *= 2) {
        database.run("INSERT INTO t (a, c) SELECT a, c FROM t");
      }
      database.run("UPDATE t SET a = NULL WHERE id > 40000");
      var text = new ImageColumn("a", Form.TEXT, "varchar(250)", "latin1", "latin1_swedish_ci");
      var number = new ImageColumn("c", Form.INTEGER, "int", null, null);
      List<ImageColumn> texts = Collections.nCopies(40, text);
      String few = " FROM (SELECT * FROM t ORDER BY id LIMIT 1000) AS t";
      assertEquals(1000, aggregated(connection, List.of(ID), texts, few).orElseThrow().size());
      // Each list alone would be short enough.
      String many = " FROM (SELECT * FROM t ORDER BY id LIMIT 16000) AS t";
      assertEquals(Optional.empty(), aggregated(connection, List.of(ID), texts, many));
      List<ImageColumn> numbers = Collections.nCopies(30, number);
      AggregatedRows all = aggregated(connection, List.of(ID), numbers, " FROM t").orElseThrow();
      assertThrows(SQLDataException.class, all::keyed);
    }
  }

  @Test
  void the_length_of_a_session_s_group_concat_does_not_change() throws SQLException {
    try (var database = new Database();
        Connection connection = database.another();
        Statement statement = connection.createStatement()) {
      database.run("CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)");
      statement.execute("SET group_concat_max_len = 1234");
      assertEquals(
          2, aggregated(connection, List.of(ID), List.of(), " FROM t").orElseThrow().size());
      try (var row = statement.executeQuery("SELECT @@group_concat_max_len")) {
        row.next();
        assertEquals(1234, row.getInt(1));
      }
    }
  }

  @Test
  void values_that_may_be_larger_than_a_packet_are_not_aggregated() {
    for (String type : List.of("mediumtext", "longtext", "mediumblob", "longblob", "geometry")) {
      Form form = type.endsWith("text") ? Form.TEXT : Form.BYTES;
      assertFalse(
          AggregatedRows.isPossible(List.of(ID, new ImageColumn("a", form, type, null, null))),
          type);
    }
    assertFalse(
        AggregatedRows.isPossible(
            List.of(new ImageColumn("a", Form.TYPED_JSON, "json", null, null))));
  }

  @Test
  void a_broken_list_is_an_error() throws SQLException {
    var text = new ImageColumn("a", Form.TEXT, "varchar(9)", "latin1", "latin1_swedish_ci");
    for (String list : List.of("3:ab", "2:abc,1:d", "x", "9")) {
      var values = new ValueList(text, list.getBytes(StandardCharsets.US_ASCII));
      assertThrows(SQLException.class, values::next, list);
    }
    var numbers = new ValueList(ID, "007,,-5".getBytes(StandardCharsets.US_ASCII));
    assertArrayEquals(new byte[] {'7'}, numbers.next());
    assertEquals(null, numbers.next());
    assertThrows(SQLException.class, numbers::end);
    assertArrayEquals(new byte[] {'-', '5'}, numbers.next());
    numbers.end();
    assertThrows(SQLException.class, numbers::next);
  }
}
