package dev.rowmill.rest.mcp;

import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class McpOffTest {

  @Test
  void assistants_are_not_served_unless_they_are_configured() {
    RowmillApi.local()
        .json("{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}")
        .post("/mcp")
        .statusCode(404);
  }
}
