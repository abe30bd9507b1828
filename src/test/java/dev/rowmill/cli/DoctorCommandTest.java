package dev.rowmill.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.rowmill.doctor.Finding;
import dev.rowmill.doctor.Finding.Severity;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.Secrets;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Tests what the doctor prints, and what it finds of a running service. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class DoctorCommandTest {

  private static final URI SERVICE = RowmillApi.localUri("/");

  @Test
  void findings_are_printed_as_text_and_as_json() throws Exception {
    Shell.Result text = new Shell(SERVICE).run("doctor").exits(ExitCode.SUCCEEDED);
    assertTrue(text.out().startsWith("ok      java: Java "), text.out());
    assertTrue(text.out().contains("ok      service: it runs and is ready"), text.out());
    assertTrue(text.err().startsWith("Errors: 0, warnings: "), text.err());
    Shell.Result json = new Shell(SERVICE).run("doctor", "-o", "json").exits(ExitCode.SUCCEEDED);
    JsonNode findings = new ObjectMapper().readTree(json.out());
    assertEquals("java", findings.path(0).path("check").asText());
    assertEquals("ok", findings.path(0).path("severity").asText());
    assertEquals("", findings.path(0).path("advice").asText("none"));
    Secrets.assertNone("the output", text.out() + json.out());
  }

  @Test
  void an_unusable_configuration_is_an_error_with_advice() {
    String property = "rowmill.throttle.replicas";
    System.setProperty(property, "jdbc:mysql://u:" + Secrets.MARK + "p@127.0.0.1:1/");
    try {
      Shell.Result found = new Shell(SERVICE).run("doctor").exits(ExitCode.REFUSED);
      assertTrue(found.out().contains("error   replica: 127.0.0.1:1"), found.out());
      assertTrue(found.out().contains("\n        -> Start the replica"), found.out());
      Secrets.assertNone("the output", found.out() + found.err());
      System.setProperty("rowmill.throttle.replica-lag", "soon");
      found = new Shell(SERVICE).run("doctor").exits(ExitCode.REFUSED);
      assertTrue(found.out().contains("error   configuration: can't be read"), found.out());
      assertTrue(found.out().contains("rowmill.throttle.replica-lag"), found.out());
    } finally {
      System.clearProperty(property);
      System.clearProperty("rowmill.throttle.replica-lag");
    }
  }

  @Test
  void the_version_of_the_service_is_compared_with_that_of_the_program() {
    Finding found = ServiceCheck.of(new Api(SERVICE, null));
    assertEquals(Severity.OK, found.severity(), found.toString());
    assertTrue(found.found().endsWith("version " + RowmillVersion.number()), found.toString());
  }

  @Test
  void a_service_that_is_not_ready_or_not_there_is_found() throws Exception {
    assertEquals(Severity.OK, ServiceCheck.of(new Api(free(), null)).severity());
    Finding down =
        responding(
            503, "{\"status\":\"DOWN\",\"checks\":[{\"name\":\"pool\",\"status\":\"DOWN\"}]}");
    assertEquals(Severity.ERROR, down.severity());
    assertTrue(down.found().endsWith("not ready: pool"), down.found());
    Finding other = responding(404, "<html>");
    assertEquals(Severity.WARNING, other.severity());
    assertTrue(other.found().contains("404"), other.found());
    Finding old = responding(200, "{\"checks\":[],\"nodes\":[{\"version\":\"0.0.1\"}]}");
    assertEquals(Severity.WARNING, old.severity());
    assertTrue(old.found().startsWith("it runs version 0.0.1, and"), old.found());
  }

  /** Returns the finding about a server that responds to each request alike. */
  private static Finding responding(int status, String body) throws IOException {
    HttpServer server = HttpServer.create(loopback(), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
          }
        });
    server.start();
    try {
      return ServiceCheck.of(new Api(address(server.getAddress()), null));
    } finally {
      server.stop(0);
    }
  }

  /** Returns an address at which nothing listens any more. */
  private static URI free() throws IOException {
    HttpServer server = HttpServer.create(loopback(), 0);
    URI address = address(server.getAddress());
    server.stop(0);
    return address;
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private static URI address(InetSocketAddress address) {
    return URI.create("http://127.0.0.1:" + address.getPort());
  }
}
