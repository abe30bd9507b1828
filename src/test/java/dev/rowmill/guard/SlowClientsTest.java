package dev.rowmill.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.WebhookProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Tests that slow clients are disconnected, but not listeners to events. */
@QuarkusTest
@TestProfile(WebhookProfile.class)
@QuarkusTestResource(DatabaseResource.class)
class SlowClientsTest {

  @Test
  void a_slow_body_is_disconnected_and_an_event_stream_is_not() throws Exception {
    try (var listener = new Socket("localhost", RestAssured.port);
        var silent = new Socket("localhost", RestAssured.port);
        var slow = new Socket("localhost", RestAssured.port)) {
      send(listener, "GET /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n");
      send(silent, "GET /api/v1/pool HTTP/1.1\r\nHos");
      send(
          slow,
          "POST /api/v1/projects/slow/batches HTTP/1.1\r\nHost: x\r\n"
              + "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{");
      awaitClosed(slow, true);
      awaitClosed(silent, false);
      // Longer than any of their timeouts.
      Thread.sleep(3_000);
      InputStream events = listener.getInputStream();
      events.skipNBytes(events.available());
      listener.setSoTimeout(60_000);
      assertTrue(events.read() >= 0);
    }
    assertEquals(200, RestAssured.given().get("/api/v1/pool").then().extract().statusCode());
  }

  private static void send(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  /**
   * Returns when the service has closed a connection; fails when it does not.
   *
   * @param trickle whether to send a space now and then
   */
  private static void awaitClosed(Socket socket, boolean trickle) throws IOException {
    socket.setSoTimeout(300);
    Awaitility.await("the end of the connection")
        .pollInSameThread()
        .until(
            () -> {
              try {
                return socket.getInputStream().read() < 0;
              } catch (SocketTimeoutException e) {
                if (trickle) {
                  send(socket, " ");
                }
                return false;
              } catch (SocketException e) {
                // A reset also closes the connection.
                return true;
              }
            });
  }
}
