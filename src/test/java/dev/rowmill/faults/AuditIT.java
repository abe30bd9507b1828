package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.testing.Receiver;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.Secrets;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that audit and webhooks are complete after a kill of the service and an outage of the
 * database.
 */
@ExtendWith(SharedServer.class)
class AuditIT {

  private static final String SECRET = Secrets.MARK + "of-webhooks";
  private static final String PATH = "secret-path-of-the-tests";
  private static final String PASSWORD = "secret-password-of-the-tests";
  private static final String VALUE = "secret-value-of-the-tests";

  private static void good(RowmillApi api) {
    JsonNode verdict = api.get("/audit/verify").body();
    assertTrue(verdict.path("valid").asBoolean(), verdict::toString);
  }

  private static long lines(RowmillApi api, String filter, int status) {
    return StreamSupport.stream(
            api.get("/audit?" + filter).body().path("items").spliterator(), false)
        .filter(line -> line.path("status").asInt() == status)
        .count();
  }

  @Test
  void everything_is_audited_and_no_secret_is_disclosed() throws Exception {
    try (var server = new TestServer();
        var first = new Receiver(TestServer.freePort(), number -> Receiver.slowly(20_000, 200))) {
      server.start();
      try (var rig = new Rig(server)) {
        WorkTable table = rig.table(10);
        Map<String, String> config =
            Map.of(
                "rowmill.webhook.url",
                "http://rowmill:" + PASSWORD + "@127.0.0.1:" + first.port() + "/" + PATH,
                "rowmill.webhook.timeout",
                "2s",
                "rowmill.webhook.secret",
                SECRET);
        ServiceProcess service = rig.start(config);
        var api = new RowmillApi(service.address());
        var body =
            new ObjectMapper()
                .createObjectNode()
                .put("sql", "UPDATE " + table.name() + " SET n = n + 1 WHERE :v <> ''");
        body.putObject("parameters").put("v", VALUE);
        long batch = api.accepted("/projects/audited/batches", body);
        api.ended(batch);
        // Kill the service between the end of the batch and an acknowledged delivery.
        Awaitility.await().until(() -> !first.calls().isEmpty());
        service.kill();

        int port = first.port();
        first.close();
        ServiceProcess again = rig.start(config);
        var second = new RowmillApi(again.address());
        good(second);
        assertEquals(1, lines(second, "project=audited&operation=startBatch", 202));
        try (var receiver = new Receiver(port, number -> 200)) {
          Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> !receiver.calls().isEmpty());
          Receiver.Call call = receiver.calls().get(0);
          assertTrue(call.isSignedBy(SECRET));
          assertEquals(batch, call.json().at("/batch/id").asLong());
          assertEquals(first.calls().get(0).delivery(), call.delivery());
        }

        server.stop();
        assertEquals(503, second.post("/projects/away/batches", body).status());
        assertEquals(503, second.post("/projects/away/batches", body).status());
        server.start();
        Awaitility.await()
            .atMost(Duration.ofMinutes(2))
            .until(() -> lines(second, "project=away", 503) == 2);
        good(second);

        // A receiver that does not respond must not delay the shutdown.
        try (var hanging = new Receiver(port, number -> Receiver.slowly(3_600_000, 200))) {
          second.ended(second.accepted("/projects/audited/batches", body));
          Awaitility.await().until(() -> !hanging.calls().isEmpty());
          again.stop();
        }
        assertEquals(
            2,
            rig.number(
                "SELECT COUNT(*) FROM "
                    + rig.schema()
                    + ".audit WHERE operation = 'startService'"));
        assertEquals(
            1,
            rig.number(
                "SELECT COUNT(*) FROM " + rig.schema() + ".audit WHERE operation = 'stopService'"));
        assertTrue(again.output().contains("The audit can't be written"));
        assertTrue(again.output().contains("The audit can be written again"));
        assertTrue(
            again.output().matches("(?s).*The audit has \\d+ rows; the newest has the hash.*"));
        for (ServiceProcess each : List.of(service, again)) {
          for (String secret : List.of(SECRET, PATH, PASSWORD, VALUE)) {
            assertFalse(each.output().contains(secret), secret);
          }
        }
      }
    }
  }

  @Test
  void a_webhook_without_a_valid_secret_or_address_is_rejected_at_startup(TestServer server)
      throws Exception {
    try (var rig = new Rig(server)) {
      ServiceProcess bare = rig.launch(Map.of("rowmill.webhook.url", "http://127.0.0.1:1/" + PATH));
      bare.awaitExit();
      assertTrue(
          bare.output().contains("rowmill.webhook.url requires rowmill.webhook.secret"),
          bare.output());
      ServiceProcess bad =
          rig.launch(
              Map.of("rowmill.webhook.url", "gopher://" + PATH, "rowmill.webhook.secret", SECRET));
      bad.awaitExit();
      assertTrue(bad.output().contains("rowmill.webhook.url: number 1 is not "), bad.output());
      assertFalse((bare.output() + bad.output()).contains(PATH));
      assertFalse(bad.output().contains(SECRET));
    }
  }
}
