package dev.rowmill.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.guard.Corpus.Entry;
import dev.rowmill.testing.DatabaseResource;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that no hostile text is executed or causes a status 500, and that each gets a prompt
 * response.
 */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileTest {

  private static final Duration BOUND = Duration.ofMinutes(1);
  private static final String HARMLESS = "UPDATE guard.item SET n = 1 WHERE id = 1";
  private static final String END = "\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  private static final ObjectMapper JSON = new ObjectMapper();

  @Inject AgroalDataSource database;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<String> wrong = new ArrayList<>();
  private Fort fort;
  private List<String> before = List.of();
  private int requests;

  @BeforeAll
  void besiege() throws SQLException {
    fort = new Fort(database);
    before = fort.state();
    fort.listen();
  }

  @AfterAll
  void nothing_has_run() throws SQLException {
    assertEquals(List.of(), fort.executed());
    assertEquals(before, fort.state());
    fort.run("DROP DATABASE guard");
  }

  @Test
  void no_statement_of_the_corpus_runs() throws Exception {
    List<Entry> entries = Corpus.read("statements.txt");
    assertTrue(entries.size() > 400, "only " + entries.size());
    for (Entry entry : entries) {
      String text = Corpus.unescaped(entry.text()).replace("{own}", fort.own());
      List<String> statements;
      String check;
      if (text.startsWith("= ")) {
        String expression = text.substring(2);
        statements =
            List.of(
                "UPDATE guard.item SET n = " + expression,
                "DELETE FROM guard.item WHERE id = 1 AND (" + expression + ")",
                "INSERT INTO guard.item (id) SELECT 9 FROM guard.other WHERE id IN (SELECT "
                    + expression
                    + " FROM guard.old)");
        check = "SELECT " + expression;
      } else if (text.startsWith("? ")) {
        String query = text.substring(2);
        statements =
            List.of(
                "UPDATE guard.item SET n = (" + query + ")",
                "DELETE FROM guard.item WHERE id IN (SELECT 1 FROM (" + query + ") x)",
                "INSERT INTO guard.item (id) SELECT id FROM guard.other WHERE EXISTS ("
                    + query
                    + ")",
                "UPDATE guard.item SET n = (WITH y AS (" + query + ") SELECT 1 FROM y)");
        check = "SELECT (" + query + ")";
      } else {
        statements = List.of(text);
        check = "";
      }
      for (String sql : statements) {
        String body = JSON.writeValueAsString(Map.of("sql", sql));
        refused("batches", 422, entry.expected(), body.getBytes(StandardCharsets.UTF_8));
      }
      String body = JSON.writeValueAsString(Map.of("sql", statements.get(0)));
      refused("plans", 422, entry.expected(), body.getBytes(StandardCharsets.UTF_8));
      if (!check.isEmpty()) {
        body = JSON.writeValueAsString(Map.of("sql", HARMLESS, "check", check));
        refused("batches", 422, entry.expected(), body.getBytes(StandardCharsets.UTF_8));
      }
    }
    allRight();
  }

  @Test
  void no_body_of_the_corpus_is_accepted() throws Exception {
    List<Entry> entries = Corpus.read("bodies.txt");
    assertTrue(entries.size() > 100, "only " + entries.size());
    for (Entry entry : entries) {
      String[] expected = entry.expected().split(" ");
      for (String what : List.of("batches", "plans")) {
        refused(what, Integer.parseInt(expected[0]), expected[1], Corpus.bytes(entry.text()));
      }
    }
    allRight();
  }

  @Test
  void random_bytes_are_rejected() throws Exception {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    String good =
        "{\"sql\":\"UPDATE guard.nowhere SET n = :n WHERE id = 1\",\"parameters\":{\"n\":1}}";
    for (int i = 0; i < 400; i++) {
      byte[] body = good.getBytes(StandardCharsets.UTF_8);
      for (int j = random.nextInt(4) + 1; j > 0; j--) {
        body[random.nextInt(body.length)] = (byte) random.nextInt(256);
      }
      int status = send("batches", body).statusCode();
      if (status != 400 && status != 422) {
        wrong.add("seed " + seed + ", " + status + " for " + shown(body));
      }
    }
    allRight();
  }

  @Test
  void no_request_of_the_corpus_gets_through() throws Exception {
    List<Entry> entries = Corpus.read("requests.txt");
    assertTrue(entries.size() > 60, "only " + entries.size());
    for (Entry entry : entries) {
      long started = System.nanoTime();
      int status = line(Corpus.bytes(entry.text().replace("\\r\\n", "\r\n") + END));
      if (!List.of(entry.expected().split(" ")).contains(Integer.toString(status))) {
        wrong.add(status + " for " + entry);
      }
      inTime(started, entry.toString());
    }
    allRight();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/index.html",
        "/dashboard/app.js",
        "/nothing",
        "/api/v1/batches",
        "/api/v1/nothing",
        "/api/v1/batches?limit=x",
        "/q/swagger-ui/",
        "/q/openapi",
        "/q/health",
        "/q/metrics"
      })
  void every_response_restricts_browsers(String path) throws Exception {
    HttpHeaders headers =
        client
            .send(
                HttpRequest.newBuilder(URI.create(address() + path)).build(),
                HttpResponse.BodyHandlers.discarding())
            .headers();
    assertEquals(List.of("nosniff"), headers.allValues("X-Content-Type-Options"));
    assertEquals(List.of("no-referrer"), headers.allValues("Referrer-Policy"));
    assertEquals(1, headers.allValues("Content-Security-Policy").size());
    String policy = headers.firstValue("Content-Security-Policy").orElseThrow();
    assertTrue(policy.startsWith("default-src '"), policy);
    assertTrue(policy.contains("frame-ancestors 'none'"), policy);
    assertEquals(List.of(), headers.allValues("Server"));
    assertEquals(List.of(), headers.allValues("X-Powered-By"));
    if (path.startsWith("/api/")) {
      assertEquals(List.of("no-store"), headers.allValues("Cache-Control"));
    }
  }

  private void refused(String what, int status, String problem, byte[] body) throws Exception {
    long started = System.nanoTime();
    HttpResponse<byte[]> response = send(what, body);
    JsonNode document = JSON.readTree(response.body());
    String type = document.path("type").asText().replace("/problems/", "");
    boolean explained =
        !type.equals("unsupported-statement") || !document.path("reasons").path(0).isMissingNode();
    if (response.statusCode() != status || !type.equals(problem) || !explained) {
      String text = new String(response.body(), StandardCharsets.UTF_8);
      wrong.add(what + ": " + shown(body) + "\n   -> " + response.statusCode() + " " + text);
    }
    inTime(started, shown(body));
    requests++;
  }

  private HttpResponse<byte[]> send(String what, byte[] body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address() + "/api/v1/projects/hostile/" + what))
            .header("Content-Type", "application/json")
            .timeout(BOUND)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
  }

  private void inTime(long started, String what) {
    Duration took = Duration.ofNanos(System.nanoTime() - started);
    if (took.compareTo(BOUND) > 0) {
      wrong.add(took + " for " + what);
    }
  }

  private void allRight() {
    List<String> all = List.copyOf(wrong);
    wrong.clear();
    assertTrue(
        all.isEmpty(), () -> all.size() + " of " + requests + ":\n" + String.join("\n", all));
  }

  private static String shown(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8);
    return text.length() > 200 ? text.substring(0, 200) + "…" : text;
  }

  private static String address() {
    return RestAssured.baseURI + ":" + RestAssured.port;
  }

  /** Returns the status of a response; 0 if the connection is closed without one. */
  private static int line(byte[] request) throws IOException {
    try (var socket = new Socket("localhost", RestAssured.port)) {
      socket.setSoTimeout((int) BOUND.toMillis());
      socket.getOutputStream().write(request);
      socket.getOutputStream().flush();
      var response = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
      return response.startsWith("HTTP/1.") ? Integer.parseInt(response.substring(9, 12)) : 0;
    } catch (SocketException e) {
      return 0;
    }
  }
}
