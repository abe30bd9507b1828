package dev.rowmill.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.chaos.ProjectRows.Found;
import dev.rowmill.chaos.ProjectRows.State;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDateTime;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests that the harness detects manipulated rows. */
@ExtendWith(SharedServer.class)
class ProjectRowsTest {

  private static final String SCHEMA = "chaos_rows";
  private static final int ROWS = 1500;
  private static final int ADD = 7;
  private static final int BUT = 3;
  private static final int CHANGED = ROWS - ROWS / 5;

  private Connection connection;
  private ProjectRows rows;
  private State before;
  private State after;

  @BeforeEach
  void make_rows(TestServer server) throws SQLException {
    connection = server.connect(SCHEMA);
    rows = ProjectRows.create(connection, SCHEMA, "p", ROWS);
    before = rows.initial();
    after = rows.after(before, ADD, BUT);
  }

  @AfterEach
  void drop_rows() throws SQLException {
    execute("DROP DATABASE " + SCHEMA);
    connection.close();
  }

  @Test
  void a_change_done_once_is_good() throws SQLException {
    assertEquals(List.of(), find(before, false).bad());
    change("TRUE");
    Found found = find(after, false);
    assertEquals(List.of(), found.bad());
    assertEquals(CHANGED, found.changed());
  }

  @Test
  void a_row_left_out_is_seen() throws SQLException {
    change("id <> 1001");
    assertTrue(find(after, false).bad().get(0).startsWith("row 1001 contains n=0"));
    assertEquals(List.of(), find(after, true).bad());
    assertEquals(CHANGED - 1, find(after, true).changed());
  }

  @Test
  void a_row_done_twice_is_seen() throws SQLException {
    change("TRUE");
    change("id = 1001");
    assertTrue(find(after, false).bad().get(0).startsWith("row 1001 contains n=2"));
    assertTrue(find(after, true).bad().get(0).startsWith("row 1001 contains n=2"));
  }

  @Test
  void a_row_that_is_gone_is_seen() throws SQLException {
    change("TRUE");
    execute("DELETE FROM " + rows.table() + " WHERE id = 1001");
    assertEquals(List.of(rows.table() + " has 1499 rows"), find(after, false).bad());
  }

  @Test
  void a_row_changed_in_part_is_seen() throws SQLException {
    change("TRUE");
    execute("UPDATE " + rows.table() + " SET digest = '' WHERE id = 1001");
    assertTrue(find(after, false).bad().get(0).startsWith("row 1001 has a digest other"));
  }

  @Test
  void stretches_are_told_apart_by_pauses() throws SQLException {
    execute("SET timestamp = 1000000000");
    change("id <= 500");
    execute("SET timestamp = 1000000010");
    change("id > 500 AND id <= 1000");
    execute("SET timestamp = 1000000020");
    change("id > 1000");
    LocalDateTime first =
        rows.compare(connection, before, after, false, List.of()).intervals().get(0).from();
    List<ProjectRows.Interval> cut =
        rows.compare(connection, before, after, false, List.of(first.plusSeconds(15))).intervals();
    assertEquals(
        List.of(
            new ProjectRows.Interval(first, first.plusSeconds(10)),
            new ProjectRows.Interval(first.plusSeconds(20), first.plusSeconds(20))),
        cut);
  }

  private Found find(State wanted, boolean partly) throws SQLException {
    return rows.compare(connection, before, wanted, partly, List.of());
  }

  private void change(String condition) throws SQLException {
    execute(
        rows.sql().replace(":add", String.valueOf(ADD)).replace(":but", String.valueOf(BUT))
            + " AND "
            + condition);
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
