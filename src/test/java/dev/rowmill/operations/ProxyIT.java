package dev.rowmill.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.EventReader;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.Soak;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests the service behind reverse proxies, and behind a proxy of its database, with the
 * configurations of docs/proxies.md. Tests whose proxy is not installed are skipped, but fail in
 * CI.
 */
@ExtendWith(SharedServer.class)
class ProxyIT {

  private static final int ROWS = 1_000;

  /** Closes connections of the service between two validations of its pools. */
  private static final String IDLE = "4s";

  @TempDir private static Path folder;

  private static SSLContext tls;
  private static HttpClient client;
  private static Rig rig;
  private static WorkTable table;
  private static ServiceProcess service;
  private static RowmillApi direct;

  /** Lists the reverse proxies, each with its example. */
  enum Example {
    NGINX {
      @Override
      Proxy start() throws IOException {
        return Proxy.nginx(service.address().getPort(), folder);
      }
    },
    CADDY {
      @Override
      Proxy start() throws IOException {
        return Proxy.caddy(service.address().getPort(), folder);
      }
    },
    HAPROXY {
      @Override
      Proxy start() throws IOException {
        return Proxy.haproxy(service.address().getPort(), folder);
      }
    };

    abstract Proxy start() throws IOException;
  }

  @BeforeAll
  static void start_service(TestServer server) throws Exception {
    tls = TestCertificate.create(folder);
    client = HttpClient.newBuilder().sslContext(tls).build();
    rig = new Rig(server);
    table = rig.table(ROWS);
    Path token = folder.resolve("admin-token");
    service =
        rig.start(
            Map.of(
                "rowmill.auth", "token",
                "rowmill.auth.token-file", token.toString(),
                "quarkus.http.proxy.proxy-address-forwarding", "true",
                "quarkus.http.proxy.allow-x-forwarded", "true",
                "quarkus.http.proxy.trusted-proxies", "127.0.0.1"));
    direct = new RowmillApi(service.address(), Files.readString(token).strip());
  }

  @AfterAll
  static void close() {
    if (rig != null) {
      rig.close();
    }
  }

  private static URI address(Proxy proxy) {
    return URI.create("https://localhost:" + proxy.port());
  }

  private static String token() {
    return direct.token().orElseThrow();
  }

  /** Starts a batch that does not end by itself during the test. */
  private static long startEndless(Example example, String project) {
    return direct
        .start(example.name() + "-" + project)
        .sql("UPDATE " + table.name() + " SET n = n + 1 WHERE id > 0")
        .chunkRows(10)
        .with("limits", Map.of("rowsPerSecond", 1))
        .accepted();
  }

  @ParameterizedTest
  @EnumSource
  void a_client_speaks_http_2_and_its_address_and_https_reach_the_service(Example example)
      throws Exception {
    try (Proxy proxy = example.start()) {
      HttpResponse<String> page =
          client.send(
              HttpRequest.newBuilder(address(proxy)).build(), HttpResponse.BodyHandlers.ofString());
      assertEquals(200, page.statusCode());
      assertEquals(HttpClient.Version.HTTP_2, page.version());

      String own = "127.0.0." + (2 + example.ordinal());
      String response = signInFrom(own, proxy);
      assertTrue(response.contains(" 200 ") || response.contains(" 201 "), response);
      // The service knows that the client uses https.
      assertTrue(response.matches("(?is).*set-cookie: rowmill_session=[^\\n]*;\\s*secure.*"));
      JsonNode line = direct.get("/audit?limit=1").statusCode(200).body().at("/items/0");
      assertEquals("POST /api/v1/session", line.path("request").asText(), line::toString);
      assertEquals(own, line.path("address").asText(), line::toString);
    }
  }

  /** Signs in from one address of this machine, and claims to have another one. */
  private static String signInFrom(String address, Proxy proxy) throws IOException {
    String body = "{\"token\": \"" + token() + "\"}";
    String request =
        """
        POST /api/v1/session HTTP/1.1
        Host: localhost
        Content-Type: application/json
        Content-Length: %d
        X-Forwarded-For: 203.0.113.9
        X-Forwarded-Proto: http
        Connection: close

        """
            .formatted(body.length())
            .replace("\n", "\r\n");
    try (Socket plain = new Socket("127.0.0.1", proxy.port(), InetAddress.getByName(address), 0);
        Socket socket =
            tls.getSocketFactory().createSocket(plain, "localhost", proxy.port(), true)) {
      socket.getOutputStream().write((request + body).getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @EnumSource
  void events_arrive_one_by_one(Example example) throws Exception {
    try (Proxy proxy = example.start()) {
      long batch = startEndless(example, "events");
      String path = "/api/v1/batches/" + batch;
      HttpRequest request =
          HttpRequest.newBuilder(address(proxy).resolve(path + "/events"))
              .timeout(Duration.ofMinutes(2))
              .header("Authorization", "Bearer " + token())
              // As each browser does.
              .header("Accept-Encoding", "gzip")
              .build();
      // The next thing happens only after the event of the one before has arrived.
      try (EventReader events = EventReader.open(client, request)) {
        assertEquals(HttpClient.Version.HTTP_2, events.response().version());
        assertEquals(Optional.empty(), events.response().headers().firstValue("Content-Encoding"));
        assertEquals(batch, events.next("snapshot").data().path("id").asLong());
        direct.post(path + "/pause").statusCode(202);
        events.next(event -> event.status().equals("paused"));
        direct.post(path + "/resume").statusCode(202);
        events.next(event -> event.status().equals("running"));
        direct.post(path + "/cancel").statusCode(202);
        events.next(event -> event.status().equals("cancelled"));
        events.awaitEnd();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_wait_lasts_as_long_as_requested(Example example) throws Exception {
    // In a nightly run, as long as the service allows.
    Duration wait = Duration.ofSeconds(Soak.number(2, 60));
    try (Proxy proxy = example.start()) {
      var api = new RowmillApi(client, address(proxy), token());
      long batch = startEndless(example, "waits");
      String path = "/batches/" + batch;
      long began = System.nanoTime();
      JsonNode running = api.get(path + "?wait=" + wait.toSeconds()).statusCode(200).body();
      assertTrue(System.nanoTime() - began >= wait.toNanos());
      assertEquals("running", running.path("status").asText(), running::toString);
      direct.post(path + "/cancel").statusCode(202);
      assertEquals("cancelled", api.ended(batch).path("status").asText());
    }
  }

  @Test
  void connections_to_the_database_that_a_proxy_closes_have_no_visible_effect(TestServer server)
      throws Exception {
    try (Proxy proxy = Proxy.haproxy(server, IDLE);
        var own = new Rig(server)) {
      RowmillApi api = startBehind(proxy, own);
      for (int round = 0; round < 2; round++) {
        List<WorkTable> tables = new ArrayList<>();
        List<Long> batches = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          WorkTable work = own.table(ROWS);
          tables.add(work);
          batches.add(start(api, "idle-" + i, work, 100_000));
          assertEquals(200, api.get("/projects").status());
        }
        for (int i = 0; i < tables.size(); i++) {
          JsonNode ended = api.ended(batches.get(i));
          Rig.assertExact(ended, tables.get(i), ROWS);
          assertEquals(0, ended.at("/progress/retries").asLong(), ended::toString);
        }
        // Two remain: that of the instance lock, and the one that reads what is due.
        Awaitility.await("the proxy to close idle connections")
            .atMost(Duration.ofMinutes(2))
            .until(() -> own.connections().size() <= 2);
      }
      assertEquals(200, api.get("/q/health/ready").status());
      own.leavesNothingBehind(api);
    }
  }

  @Test
  void a_batch_survives_a_restart_of_the_database_behind_a_proxy() throws Exception {
    try (var server = new TestServer().start();
        Proxy proxy = Proxy.haproxy(server, IDLE);
        var own = new Rig(server)) {
      WorkTable work = own.table(ROWS);
      RowmillApi api = startBehind(proxy, own);
      long batch = start(api, "restart", work, ROWS / 10);
      own.awaitScanned(batch, ROWS / 10);
      server.stop();
      RowmillApi.Reply away = api.get("/batches/" + batch);
      assertEquals("database-unavailable", away.problem(), away::toString);
      assertEquals(503, away.status(), away::toString);
      assertFalse(away.text().contains("gone away"), away::toString);
      server.start();
      Rig.assertExact(api.ended(batch), work, ROWS);
      own.leavesNothingBehind(api);
    }
  }

  private static RowmillApi startBehind(Proxy proxy, Rig rig) {
    String url = TestServer.url(proxy.port(), rig.schema());
    return new RowmillApi(rig.start(Map.of("quarkus.datasource.jdbc.url", url)).address());
  }

  private static long start(RowmillApi api, String project, WorkTable work, int rowsPerSecond) {
    return api.start(project)
        .sql("UPDATE " + work.name() + " SET n = n + 1 WHERE id > 0")
        .chunkRows(20)
        .with("limits", Map.of("rowsPerSecond", rowsPerSecond))
        .accepted();
  }
}
