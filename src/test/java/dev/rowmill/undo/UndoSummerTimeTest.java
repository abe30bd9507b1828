package dev.rowmill.undo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.rowmill.testing.AllTypesTable;
import dev.rowmill.testing.AllTypesTable.Key;
import dev.rowmill.testing.AllTypesTable.State;
import io.agroal.api.AgroalDataSource;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the undo of times in the hour that occurs twice at the end of summer time. */
@QuarkusTest
@TestProfile(SummerTime.Profile.class)
class UndoSummerTimeTest {

  private static final int ROWS = 600;

  @Inject AgroalDataSource database;

  @Inject
  @DataSource("data")
  AgroalDataSource data;

  @RegisterExtension final UndoCalls calls = new UndoCalls();

  @Test
  void batches_see_two_moments_as_one_local_time() throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, Key.BIGINT, ROWS);
    try (Connection connection = data.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT COUNT(DISTINCT UNIX_TIMESTAMP(c_timestamp6)),"
                    + " COUNT(DISTINCT CAST(c_timestamp6 AS CHAR)) FROM "
                    + table.name()
                    + " WHERE CAST(c_timestamp6 AS CHAR) = '2025-10-26 02:30:00.500000'")) {
      row.next();
      assertEquals(2, row.getInt(1));
      assertEquals(1, row.getInt(2));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"update", "delete"})
  void both_hours_are_restored(String kind) throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, Key.BIGINT, ROWS);
    State before = table.state();
    long id =
        calls.done(
            kind.equals("update") ? table.update() : "DELETE FROM " + table.name(), Map.of());
    State changed = table.state();
    assertNotEquals(before, changed);
    long undo = calls.undone(id, Map.of());
    assertEquals(before, table.state());
    calls.undone(undo, Map.of());
    assertEquals(changed, table.state());
  }
}
