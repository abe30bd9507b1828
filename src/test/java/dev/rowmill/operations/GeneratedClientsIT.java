package dev.rowmill.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Tests the OpenAPI document with the tools of others: a linter, and clients that are generated
 * from it, compiled, and run against a service.
 */
class GeneratedClientsIT {

  private static final Path SOURCES = Path.of("src/openapi");

  /** Is where the clients are generated. The build has put the generator there. */
  private static final Path WORK = Path.of("target/openapi").toAbsolutePath();

  private static final long ROWS = 500;

  private static TestServer server;
  private static ServiceProcess service;
  private static String token = "";
  private static Optional<Python> python = Optional.empty();

  /** Represents an interpreter that has the libraries of a generated client. */
  private record Python(String program, String generator) {}

  @BeforeAll
  static void generate() throws Exception {
    server = new TestServer().start();
    run(
        "CREATE DATABASE shop",
        "CREATE TABLE shop.item (id INT AUTO_INCREMENT PRIMARY KEY, price INT)",
        "INSERT INTO shop.item (price) WITH RECURSIVE n AS"
            + " (SELECT 1 i UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n"
                .formatted(ROWS));
    copySources();
    Path tokenFile = WORK.resolve("admin-token");
    Files.deleteIfExists(tokenFile);
    service =
        ServiceProcess.launch(
            Map.of(
                "quarkus.datasource.jdbc.url", server.url("rowmill"),
                "quarkus.datasource.username", server.user(),
                "quarkus.datasource.password", server.password(),
                "rowmill.auth", "token",
                "rowmill.auth.token-file", tokenFile.toString()));
    python = python();
    service.awaitListening();
    token = Files.readString(tokenFile).strip();
    Files.writeString(
        WORK.resolve("openapi.json"),
        new RowmillApi(service.address()).get("/q/openapi?format=json").statusCode(200).text());
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                "openapi-generator-cli.jar",
                "batch",
                "--clean",
                "typescript.yaml",
                "java.yaml",
                "go.yaml"));
    command.add(python.map(Python::generator).orElse("python") + ".yaml");
    succeed(command);
  }

  @AfterAll
  static void stop() {
    if (service != null) {
      service.close();
    }
    server.close();
  }

  @Test
  void the_linter_finds_nothing() throws Exception {
    installNodeTools();
    succeed(List.of(nodeTool("redocly"), "lint", "openapi.json", "--config", "redocly.yaml"));
  }

  @Test
  void the_typescript_client_starts_awaits_and_undoes_a_batch() throws Exception {
    installNodeTools();
    succeed(List.of(nodeTool("tsc"), "-p", "tsconfig.json"));
    startsAwaitsAndUndoes(List.of("node", "compiled/start-wait-undo.js"));
  }

  @Test
  void the_python_client_starts_awaits_and_undoes_a_batch() throws Exception {
    need(python.isPresent(), "a Python with pydantic, urllib3 and dateutil");
    Path client = WORK.resolve(python.orElseThrow().generator);
    startsAwaitsAndUndoes(
        List.of(
            "env",
            "PYTHONPATH=" + client + extraPath(),
            python.orElseThrow().program,
            "start_wait_undo.py"));
  }

  @Test
  void the_java_client_compiles() throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-proc:none",
                "-nowarn",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "-d",
                Files.createDirectories(WORK.resolve("java-classes")).toString()));
    try (Stream<Path> files = Files.walk(WORK.resolve("java/src/main/java"))) {
      files.map(Path::toString).filter(it -> it.endsWith(".java")).forEach(arguments::add);
    }
    var errors = new ByteArrayOutputStream();
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, errors, arguments.toArray(String[]::new));
    assertEquals(0, result, errors::toString);
  }

  @Test
  void the_go_client_compiles() throws Exception {
    // Not installed for this alone, not even in CI.
    assumeTrue(isInstalled("go"), "go is not installed");
    succeed(List.of("env", "GO111MODULE=off", "go", "build", "./go"));
  }

  private static void startsAwaitsAndUndoes(List<String> command) throws Exception {
    String before = value("SELECT SUM(price) FROM shop.item");
    String output =
        succeed(
            command,
            Map.of(
                "ROWMILL_URL",
                service.address().toString(),
                "ROWMILL_TOKEN",
                token,
                "TABLE",
                "shop.item"));
    assertEquals(
        List.of(
            "changed " + ROWS,
            "undone " + ROWS + " by undo",
            "events 1",
            "rejected /problems/unsupported-statement true"),
        output.lines().toList());
    assertEquals(before, value("SELECT SUM(price) FROM shop.item"));
  }

  private static void copySources() throws IOException {
    Files.createDirectories(WORK);
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : files.toList()) {
        Files.copy(file, WORK.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static synchronized void installNodeTools() throws Exception {
    need(isInstalled("node") && isInstalled("npm"), "Node.js and npm");
    Path wanted = WORK.resolve("package-lock.json");
    Path installed = WORK.resolve("node_modules/installed.json");
    if (!Files.exists(installed) || Files.mismatch(wanted, installed) >= 0) {
      succeed(List.of("npm", "ci", "--no-audit", "--no-fund"));
      Files.copy(wanted, installed, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static String nodeTool(String name) {
    return WORK.resolve("node_modules/.bin/" + name).toString();
  }

  /** Finds an interpreter; pydantic 1 and 2 need different generators. */
  private static Optional<Python> python() throws Exception {
    for (String program :
        System.getProperty("testing.python", "python3,/usr/bin/python3").split(",")) {
      Process process =
          process(
              List.of(program, "-c", "import pydantic, urllib3, dateutil; print(pydantic.VERSION)"),
              Map.of());
      String version = output(process);
      if (process.waitFor() == 0) {
        return Optional.of(
            new Python(program, version.startsWith("1.") ? "python-pydantic-v1" : "python"));
      }
    }
    return Optional.empty();
  }

  private static String extraPath() {
    String path = System.getenv("PYTHONPATH");
    return path == null ? "" : File.pathSeparator + path;
  }

  /** Skips the test without a program; in CI, it fails. */
  private static void need(boolean present, String what) {
    if ("true".equals(System.getenv("CI"))) {
      assertTrue(present, what + " must be installed");
    }
    assumeTrue(present, what + " is not installed");
  }

  private static boolean isInstalled(String program) {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private static String succeed(List<String> command) throws Exception {
    return succeed(command, Map.of());
  }

  private static String succeed(List<String> command, Map<String, String> environment)
      throws Exception {
    Process process = process(command, environment);
    String output = output(process);
    assertEquals(0, process.waitFor(), () -> command + "\n" + output);
    return output;
  }

  private static Process process(List<String> command, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(WORK.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static String output(Process process) throws IOException {
    process.getOutputStream().close();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static void run(String... statements) throws SQLException {
    try (Connection connection = server.connect("");
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static String value(String query) throws SQLException {
    try (Connection connection = server.connect("");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      assertTrue(rows.next());
      String value = rows.getString(1);
      assertFalse(value == null);
      return value;
    }
  }
}
