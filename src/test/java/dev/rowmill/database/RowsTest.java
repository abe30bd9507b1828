package dev.rowmill.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rowmill.batch.Mode;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Statements with values of every kind, on the real server. */
@ExtendWith(SharedServer.class)
class RowsTest {

  private static final Instant NOON = Instant.parse("2026-03-29T12:00:00.123Z");
  private static final String INSERT = "INSERT INTO kept (name, mode, seen, image) VALUES ";

  private record Kept(String name, @Nullable Mode mode, @Nullable Instant seen) {}

  private Connection connection;

  @BeforeEach
  void create(TestServer server) throws SQLException {
    connection = server.connect("");
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE IF NOT EXISTS rows_test");
      statement.execute("USE rows_test");
      statement.execute(
          "CREATE TEMPORARY TABLE kept (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
              + " name VARCHAR(9), mode VARCHAR(8), seen DATETIME(3), image BLOB)");
    }
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  private List<Kept> kept(String where, Object... values) throws SQLException {
    return Rows.query(
        connection,
        "SELECT * FROM kept " + where + " ORDER BY id",
        row ->
            new Kept(
                row.getString("name"), Rows.value(row, "mode", Mode.class), Rows.time(row, "seen")),
        values);
  }

  @Test
  void every_kind_of_value_is_stored_and_read() throws SQLException {
    byte[] image = {0, -1, 39};
    Rows.update(connection, INSERT + Rows.list(4), Arrays.asList("a", Mode.SERIAL), NOON, image);
    assertEquals(List.of(new Kept("a", Mode.SERIAL, NOON)), kept("WHERE image = ?", image));
    assertEquals(1, kept("WHERE mode = 'SERIAL' AND seen = '2026-03-29 12:00:00.123'").size());
  }

  @Test
  void null_is_stored_and_read() throws SQLException {
    Rows.update(connection, INSERT + Rows.list(4), "a", null, null, null);
    assertEquals(List.of(new Kept("a", null, null)), kept("WHERE mode IS NULL"));
    assertNull(
        Rows.first(connection, "SELECT seen FROM kept", row -> row.getString(1)).orElse(null));
  }

  @Test
  void the_elements_of_a_collection_are_bound_one_by_one() throws SQLException {
    List<@Nullable Object> values =
        Arrays.asList("a", null, NOON, null, "b", Mode.SERIAL, null, null);
    assertEquals(2, Rows.update(connection, INSERT + Rows.lists(2, 4), values));
    assertEquals(
        List.of("a", "b"),
        kept("WHERE id > ? AND name IN " + Rows.list(3), 0, List.of("a", "b", "c")).stream()
            .map(Kept::name)
            .toList());
  }

  @Test
  void an_update_counts_the_rows_that_it_matches_even_if_none_changes() throws SQLException {
    Rows.update(
        connection, INSERT + Rows.lists(2, 4), "a", null, null, null, "b", null, null, null);
    assertEquals(2, Rows.update(connection, "UPDATE kept SET mode = NULL"));
    assertEquals(0, Rows.update(connection, "UPDATE kept SET mode = NULL WHERE name = ?", "c"));
  }

  @Test
  void an_insert_returns_its_key() throws SQLException {
    long first = Rows.insert(connection, INSERT + Rows.list(4), "a", null, null, null);
    long second = Rows.insert(connection, INSERT + Rows.list(4), "b", null, null, null);
    assertEquals(second, Rows.number(connection, "SELECT id FROM kept WHERE name = ?", "b"));
    assertEquals(1, second - first);
  }

  @Test
  void a_missing_row_is_empty_or_an_error() throws SQLException {
    String none = "SELECT id FROM kept WHERE name = ?";
    assertEquals(Optional.empty(), Rows.first(connection, none, row -> row.getLong(1), "a"));
    assertThrows(NoSuchElementException.class, () -> Rows.number(connection, none, "a"));
  }
}
