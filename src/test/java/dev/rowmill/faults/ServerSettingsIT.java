package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tests global settings of the server, which a session adopts when it is opened. */
class ServerSettingsIT {

  private static final int ROWS = 1000;

  private static TestServer server;

  @BeforeAll
  static void start_server() {
    server = new TestServer().start();
  }

  @AfterAll
  static void stop_server() {
    server.close();
  }

  @Test
  void connections_opened_under_a_row_limit_see_all_changed_rows() throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      // No connection of the data pool is open before the first batch.
      ServiceProcess service = rig.start();
      var api = new RowmillApi(service.address());
      JsonNode first;
      rig.execute("SET GLOBAL sql_select_limit = 10");
      try {
        first =
            api.ended(
                api.start("settings")
                    .sql("UPDATE " + table.name() + " SET n = n + 1 WHERE id = 1")
                    .chunkRows(100)
                    .accepted());
      } finally {
        rig.execute("SET GLOBAL sql_select_limit = 18446744073709551615");
      }
      assertEquals("succeeded", first.path("status").asText(), first::toString);
      JsonNode second =
          api.ended(
              api.start("settings")
                  .sql("UPDATE " + table.name() + " SET n = n + 1 WHERE id > 1")
                  .chunkRows(100)
                  .accepted());
      assertEquals("succeeded", second.path("status").asText(), second::toString);
      assertEquals(ROWS, table.rowsWith(1));
      assertFalse(service.output().contains("the server has counted"), service::output);
    }
  }

  @Test
  void connections_that_do_not_see_all_changed_rows_are_replaced() throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      // Configure sessions that adopt the current global setting.
      ServiceProcess service =
          rig.start(
              Map.of(
                  "quarkus.datasource.data.jdbc.new-connection-sql",
                  "SET SESSION sql_select_limit = @@GLOBAL.sql_select_limit"));
      var api = new RowmillApi(service.address());
      rig.execute("SET GLOBAL sql_select_limit = 10");
      try {
        api.ended(
            api.start("given-up")
                .sql("UPDATE " + table.name() + " SET n = n + 1 WHERE id = 1")
                .chunkRows(100)
                .accepted());
      } finally {
        rig.execute("SET GLOBAL sql_select_limit = 18446744073709551615");
      }
      // Rows with such a condition are read one by one.
      JsonNode batch =
          api.ended(
              api.start("given-up")
                  .sql("UPDATE " + table.name() + " SET n = n + 1 WHERE id > 1 AND RAND() < 2")
                  .chunkRows(100)
                  .accepted());
      assertEquals("succeeded", batch.path("status").asText(), batch::toString);
      assertEquals(ROWS, table.rowsWith(1));
      assertEquals(1, batch.path("progress").path("retries").asInt(), batch::toString);
      assertTrue(
          service
              .output()
              .contains("the server reported 99 changed rows, but the comparisons found"),
          service::output);
      rig.leavesNothingBehind(api);
    }
  }

  @Test
  void a_chunk_that_exceeds_the_accounts_time_limit_is_retried_with_fewer_rows() throws Exception {
    try (var rig = new Rig(server);
        Connection admin = server.connect("")) {
      // MySQL applies this limit only to a SELECT.
      assumeTrue(admin.getMetaData().getDatabaseProductVersion().contains("MariaDB"));
      WorkTable table = rig.table(ROWS);
      rig.execute(
          "CREATE TRIGGER "
              + table.name()
              + "_slow BEFORE UPDATE ON "
              + table.name()
              + " FOR EACH ROW SET @slow = SLEEP(0.002)");
      rig.execute("ALTER USER of_" + rig.schema() + "@'127.0.0.1' WITH MAX_STATEMENT_TIME 0.5");
      var api = new RowmillApi(rig.start().address());
      JsonNode batch =
          api.ended(
              api.start("limited")
                  .sql("UPDATE " + table.name() + " SET n = n + 1")
                  .chunkRows(500)
                  .accepted());
      Rig.assertExact(batch, table, ROWS);
      assertTrue(batch.path("progress").path("retries").asInt() > 0, batch::toString);
    }
  }

  @Test
  void the_service_starts_changes_and_undoes_under_all_server_settings() throws Exception {
    try (var rig = new Rig(server);
        Connection admin = server.connect("");
        Statement statement = admin.createStatement()) {
      boolean mariaDb = admin.getMetaData().getDatabaseProductVersion().contains("MariaDB");
      WorkTable table = rig.table(ROWS);
      List<String> settings =
          List.of(
              "sql_select_limit = 10",
              "sql_safe_updates = 1",
              "sql_auto_is_null = 1",
              "max_join_size = 5",
              "completion_type = 1",
              "unique_checks = 0",
              "default_storage_engine = MyISAM",
              mariaDb ? "max_statement_time = 0.005" : "max_execution_time = 1",
              "autocommit = 0",
              (mariaDb ? "tx" : "transaction") + "_read_only = 1");
      for (String setting : settings) {
        statement.execute("SET GLOBAL " + setting);
      }
      try {
        ServiceProcess service = rig.start();
        var api = new RowmillApi(service.address());
        long batch =
            api.start("settings")
                .sql("UPDATE " + table.name() + " SET n = n + 1")
                .chunkRows(100)
                .accepted();
        JsonNode ended = api.ended(batch);
        assertEquals("succeeded", ended.path("status").asText(), ended::toString);
        long undo =
            api.accepted("/batches/" + batch + "/undo", JsonNodeFactory.instance.objectNode());
        JsonNode undone = api.ended(undo);
        assertEquals("succeeded", undone.path("status").asText(), undone::toString);
      } finally {
        statement.execute("SET autocommit = 1");
        for (String setting : settings) {
          String name = setting.substring(0, setting.indexOf(' '));
          String usual =
              switch (name) {
                case "sql_select_limit", "max_join_size" -> "18446744073709551615";
                case "default_storage_engine" -> "InnoDB";
                case "unique_checks", "autocommit" -> "1";
                default -> "0";
              };
          statement.execute("SET GLOBAL " + name + " = " + usual);
        }
      }
      assertEquals(ROWS, table.rowsWith(0));
    }
  }
}
