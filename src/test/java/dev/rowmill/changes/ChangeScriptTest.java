package dev.rowmill.changes;

import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.AllTypesTable;
import dev.rowmill.testing.AllTypesTable.Key;
import dev.rowmill.testing.AllTypesTable.State;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.CommandLineClient;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests that the command-line client restores a table of all types with a script, and makes the
 * changes again with another, by the server's own checksum.
 */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ChangeScriptTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final int ROWS = 500;

  @Inject AgroalDataSource database;

  private final String project = Batches.newProject();

  @ParameterizedTest
  @EnumSource
  void an_update_of_every_type(Key key) throws SQLException, IOException, InterruptedException {
    AllTypesTable table = AllTypesTable.create(database, key, ROWS);
    roundTrip(table, table.update() + " WHERE n % 10 <> 3");
  }

  @ParameterizedTest
  @EnumSource
  void a_delete_of_a_part(Key key) throws SQLException, IOException, InterruptedException {
    AllTypesTable table = AllTypesTable.create(database, key, ROWS);
    roundTrip(table, "DELETE FROM " + table.name() + " WHERE n % 3 = 0");
  }

  @ParameterizedTest
  // The numbers of an ENUM may represent other texts in another table.
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNUSUAL")
  void an_insert_with_its_key(Key key) throws SQLException, IOException, InterruptedException {
    AllTypesTable table = AllTypesTable.create(database, key, ROWS);
    AllTypesTable archive = table.likeThis();
    roundTrip(archive, table.copyTo(archive) + " WHERE n % 7 <> 0 AND " + table.strict());
  }

  private void roundTrip(AllTypesTable table, String sql)
      throws SQLException, IOException, InterruptedException {
    State before = table.state();
    long id =
        API.start(project)
            .sql(sql)
            .with("wholeTable", true)
            .chunkRows(50)
            .with("lanes", 2)
            .waiting()
            .send()
            .statusCode(200)
            .body("status", equalTo("succeeded"))
            .id();
    State after = table.state();
    assertNotEquals(before, after);
    String redo = script(id, "redo");
    String undo = script(id, "undo");
    assertTrue(undo.contains(" 0 left out\n"), () -> undo.substring(undo.length() - 200));
    CommandLineClient.run(undo);
    assertEquals(before, table.state());
    CommandLineClient.run(redo);
    assertEquals(after, table.state());
  }

  private static String script(long batch, String direction) {
    return API.get("/batches/" + batch + "/changes?format=sql&direction=" + direction)
        .statusCode(200)
        .contentType("application/sql")
        .text();
  }
}
