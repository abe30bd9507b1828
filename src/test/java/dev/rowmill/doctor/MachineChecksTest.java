package dev.rowmill.doctor;

import static dev.rowmill.doctor.Finding.Severity.ERROR;
import static dev.rowmill.doctor.Finding.Severity.OK;
import static dev.rowmill.doctor.Finding.Severity.WARNING;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.Secrets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the checks that need no server. */
class MachineChecksTest {

  @TempDir Path folder;

  @Test
  void directories_and_files_must_be_usable() throws Exception {
    Map<String, String> properties = new HashMap<>();
    properties.put("quarkus.datasource.jdbc.url", "jdbc:mysql://127.0.0.1:1/rowmill");
    Path exports = folder.resolve("exports");
    properties.put("rowmill.export.directory", exports.toString());
    properties.put("rowmill.auth.token-file", folder.resolve("token").toString());
    Examination.of(properties)
        .has(ERROR, "export-directory", "mkdir -p " + exports)
        .has(OK, "token-file", "will be written");
    Files.createDirectory(exports);
    Files.writeString(folder.resolve("token"), Secrets.MARK + "token");
    Examination.of(properties).has(OK, "export-directory").has(OK, "token-file", "exists");
    properties.put("rowmill.auth.token-file", folder.resolve("missing/token").toString());
    Examination.of(properties).has(WARNING, "token-file", "ROWMILL_AUTH_TOKEN_FILE");
  }

  @Test
  void without_a_url_the_embedded_database_is_meant() {
    Examination.of(Map.of("rowmill.embedded.directory", folder.resolve("a/b").toString()))
        .hasNoErrors()
        .has(OK, "database-url", "embedded database in " + folder)
        .hasNo(OK, "database-login");
  }

  @ParameterizedTest
  @CsvSource({
    "8.0.36, OK",
    "9.7.0, OK",
    "5.7.44-log, ERROR",
    "10.6.1-MariaDB, OK",
    "11.8.2-MariaDB-log, OK",
    "10.5.29-MariaDB, ERROR",
    "unknown, WARNING"
  })
  void versions_are_compared(String version, Finding.Severity severity) {
    assertEquals(severity, ServerChecks.version(version).severity());
  }
}
