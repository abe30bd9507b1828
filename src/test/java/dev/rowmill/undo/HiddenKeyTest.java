package dev.rowmill.undo;

import static dev.rowmill.undo.UndoCalls.DEFAULTS;
import static dev.rowmill.undo.UndoCalls.SMALL;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests keys that the server hides, and columns that an asterisk does not select. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class HiddenKeyTest {

  @Inject AgroalDataSource database;

  @Inject
  @DataSource("data")
  AgroalDataSource data;

  @RegisterExtension final UndoCalls calls = new UndoCalls();

  @Test
  void a_hidden_primary_key_generated_by_mysql_is_walked() throws SQLException {
    WorkTable table = WorkTable.create(database, 0);
    boolean mySql = table.number("SELECT VERSION() NOT LIKE '%MariaDB%'") == 1;
    Assumptions.assumeTrue(mySql);
    String name = table.name() + "_hidden";
    table.execute("DROP TABLE IF EXISTS " + name);
    // For new sessions.
    table.execute("SET GLOBAL show_gipk_in_create_table_and_information_schema = OFF");
    try {
      try (var connection = database.getConnection();
          var statement = connection.createStatement()) {
        statement.execute("SET SESSION sql_generate_invisible_primary_key = ON");
        statement.execute("CREATE TABLE " + name + " (n INT NOT NULL)");
        statement.execute("SET SESSION sql_generate_invisible_primary_key = OFF");
        statement.execute(
            "INSERT INTO "
                + name
                + " (n) WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1"
                + " FROM r WHERE i < 100) SELECT i FROM r");
      }
      data.flush(AgroalDataSource.FlushMode.ALL);
      comesAndGoes(table, name);
    } finally {
      table.execute("SET GLOBAL show_gipk_in_create_table_and_information_schema = ON");
      data.flush(AgroalDataSource.FlushMode.ALL);
      table.execute("DROP TABLE " + name);
    }
  }

  @Test
  void invisible_columns_are_walked_and_written() throws SQLException {
    WorkTable table = WorkTable.create(database, 0);
    String name = table.name() + "_invisible";
    table.execute("DROP TABLE IF EXISTS " + name);
    table.execute(
        "CREATE TABLE "
            + name
            + " (id INT AUTO_INCREMENT INVISIBLE, n INT NOT NULL INVISIBLE DEFAULT 7, seen INT,"
            + " PRIMARY KEY (id))");
    table.execute(
        "INSERT INTO "
            + name
            + " (n, seen) WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1"
            + " FROM r WHERE i < 100) SELECT i, i FROM r");
    comesAndGoes(table, name);
    table.execute("DROP TABLE " + name);
  }

  private void comesAndGoes(WorkTable table, String name) throws SQLException {
    String sum = "SELECT SUM(n) FROM " + name;
    long update = calls.done("UPDATE " + name + " SET n = n + 1000 WHERE n % 2 = 0", SMALL);
    assertEquals(5050 + 50 * 1000, table.number(sum));
    long undo = calls.undone(update, DEFAULTS);
    assertEquals(0, calls.batch(undo).getLong("conflicts"));
    assertEquals(5050, table.number(sum));
    long delete = calls.done("DELETE FROM " + name + " WHERE n > 10", SMALL);
    assertEquals(55, table.number(sum));
    calls.undone(delete, DEFAULTS);
    assertEquals(5050, table.number(sum));
    assertEquals(100, table.number("SELECT COUNT(*) FROM " + name));
  }
}
