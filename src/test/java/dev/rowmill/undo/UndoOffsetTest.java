package dev.rowmill.undo;

import static dev.rowmill.undo.UndoCalls.DEFAULTS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.Sequence;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests keys that hold points in time where batches run with an offset from UTC. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@TestProfile(UndoOffsetTest.East.class)
class UndoOffsetTest {

  /** Has an offset of two hours from UTC. */
  public static final class East implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "quarkus.datasource.data.jdbc.additional-jdbc-properties.sessionVariables",
          "time_zone='+02:00'");
    }
  }

  private static final int ROWS = 20_000;

  @Inject AgroalDataSource database;

  @RegisterExtension final UndoCalls calls = new UndoCalls();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE %s SET n = n + 1 WHERE kind = 'rare'",
        "UPDATE %s SET n = n + 1 WHERE n = 0",
        "DELETE FROM %s WHERE kind = LOWER('RARE')",
        "DELETE FROM %s WHERE kind = 'rare'"
      })
  void few_rows_and_many_are_restored(String sql) throws SQLException {
    WorkTable any = WorkTable.create(database, 0);
    String table = any.name() + "_at";
    any.execute("DROP TABLE IF EXISTS " + table);
    any.execute(
        "CREATE TABLE "
            + table
            + " (at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), id INT NOT NULL,"
            + " kind VARCHAR(10) NOT NULL, n INT NOT NULL, PRIMARY KEY (at, id), KEY (kind))");
    any.execute(
        "INSERT INTO %s SELECT TIMESTAMP('2024-01-01 00:00:00.5') + INTERVAL i MINUTE, i,"
                .formatted(table)
            + " IF(i %% 200 = 0, 'rare', 'often'), 0 FROM (%s) numbers"
                .formatted(Sequence.sql(0, ROWS)));
    any.execute("ANALYZE TABLE " + table);
    calls.undone(calls.done(sql.formatted(table), DEFAULTS), DEFAULTS);
    assertEquals(ROWS, any.number("SELECT COUNT(*) FROM " + table + " WHERE n = 0"));
  }
}
