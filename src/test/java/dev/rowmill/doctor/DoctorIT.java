package dev.rowmill.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.Secrets;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import java.sql.Connection;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests the doctor as a process of its own, before and during a run of the service. */
@ExtendWith(SharedServer.class)
class DoctorIT {

  private static final String SCHEMA = "doctor_process";

  @Test
  void it_checks_what_the_service_would_use_without_starting_it(TestServer server)
      throws Exception {
    Map<String, String> config = Examination.properties(server, SCHEMA);
    String before = examine(config, "http://127.0.0.1:1", 0);
    assertTrue(before.contains("schema: " + SCHEMA + " does not exist yet"), before);
    assertTrue(before.contains("none responds at http://127.0.0.1:1"), before);
    assertFalse(before.contains("Listening on"), before);
    try (ServiceProcess service = ServiceProcess.start(server, SCHEMA)) {
      String during = examine(config, service.address().toString(), 0);
      assertTrue(
          during.contains("schema: " + SCHEMA + " has tables that this version uses"), during);
      assertTrue(during.contains("service: it runs and is ready, version"), during);
      Map<String, String> wrong = new HashMap<>(config);
      wrong.put("quarkus.datasource.password", Secrets.MARK + "wrong");
      String denied = examine(wrong, service.address().toString(), 2);
      assertTrue(denied.contains("error   database-login: Access denied"), denied);
    } finally {
      try (Connection connection = server.connect("");
          Statement statement = connection.createStatement()) {
        statement.execute("DROP DATABASE IF EXISTS " + SCHEMA);
      }
    }
  }

  private static String examine(Map<String, String> config, String service, int exitCode) {
    try (ServiceProcess doctor = ServiceProcess.launch(config, "doctor", "--server", service)) {
      assertEquals(exitCode, doctor.awaitExit(), doctor::output);
      Secrets.assertNone("the output", doctor.output());
      return doctor.output();
    }
  }
}
