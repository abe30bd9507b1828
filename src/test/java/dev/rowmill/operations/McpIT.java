package dev.rowmill.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.Assistant;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests the server for assistants of the packaged service. */
@ExtendWith(SharedServer.class)
class McpIT {

  @Test
  void an_assistant_changes_rows_by_a_plan(TestServer server) throws SQLException {
    try (Rig rig = new Rig(server)) {
      WorkTable table = rig.table(100);
      var service =
          rig.start(Map.of("rowmill.agent.enabled", "true", "rowmill.agent.approval-rows", "100"));
      try (var assistant = new Assistant(service.address(), null)) {
        JsonNode plan =
            assistant.done(
                "plan_change", "project", "p", "sql", "UPDATE " + table.name() + " SET n = 1");
        assertEquals(100, plan.at("/rowsMatching/rows").asInt(), plan::toString);
        JsonNode batch =
            assistant.done("start_plan", "project", "p", "plan", plan.path("id").asText());
        JsonNode ended =
            assistant.done("watch_batch", "batch", batch.path("id").asLong(), "waitSeconds", 50);
        assertEquals("succeeded", ended.path("status").asText(), ended::toString);
      }
      assertEquals(100, table.rowsWith(1));
    }
  }
}
