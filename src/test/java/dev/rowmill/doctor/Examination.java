package dev.rowmill.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.doctor.Finding.Severity;
import dev.rowmill.embedded.EmbeddedConfig;
import dev.rowmill.testing.Secrets;
import dev.rowmill.testing.TestServer;
import dev.rowmill.throttle.ThrottleConfig;
import io.quarkus.runtime.configuration.ConfigUtils;
import io.smallrye.config.PropertiesConfigSource;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Holds what the doctor finds with a configuration. Immutable. */
record Examination(List<Finding> findings) {

  /** Overrides the files and the environment of the tests. */
  private static final int FIRST = 1_000;

  /** Examines with the given properties only, and the clock of this machine. */
  static Examination of(Map<String, String> properties) {
    return of(properties, Duration.ZERO);
  }

  /** Examines a schema on a server, with its account of all privileges. */
  static Examination of(TestServer server, String schema) {
    return of(properties(server, schema));
  }

  static Map<String, String> properties(TestServer server, String schema) {
    Map<String, String> properties = new HashMap<>();
    properties.put(
        "quarkus.datasource.jdbc.url",
        server.url(schema).replace("createDatabaseIfNotExist=true&", ""));
    properties.put("quarkus.datasource.username", server.user());
    properties.put("quarkus.datasource.password", server.password());
    return properties;
  }

  /**
   * Examines with the given properties.
   *
   * @param ahead how far the clock of this machine is ahead of the real one
   */
  static Examination of(Map<String, String> properties, Duration ahead) {
    var config =
        ConfigUtils.configBuilder()
            .forClassLoader(Thread.currentThread().getContextClassLoader())
            .withMapping(EmbeddedConfig.class)
            .withMapping(ThrottleConfig.class)
            .withSources(new PropertiesConfigSource(properties, "test", FIRST))
            .build();
    Clock clock = Clock.offset(Clock.tickMillis(ZoneOffset.UTC), ahead);
    List<Finding> findings = new Doctor(config, clock).findings();
    Secrets.assertNone("the findings", findings.toString());
    return new Examination(findings);
  }

  Examination has(Severity severity, String check, String... parts) {
    assertTrue(
        findings.stream()
            .filter(it -> it.check().equals(check) && it.severity() == severity)
            .map(it -> it.found() + " -> " + it.advice())
            .anyMatch(text -> List.of(parts).stream().allMatch(text::contains)),
        () -> "no " + severity + " of " + check + ": " + findings);
    return this;
  }

  Examination hasNo(Severity severity, String check) {
    assertEquals(
        List.of(),
        findings.stream()
            .filter(it -> it.check().equals(check) && it.severity() == severity)
            .toList());
    return this;
  }

  /** Fails if anything prevents the start or the batches. */
  Examination hasNoErrors() {
    assertEquals(
        List.of(), findings.stream().filter(it -> it.severity() == Severity.ERROR).toList());
    return this;
  }

  /** Returns the statements that grant something, of all findings. */
  List<String> grants() {
    return findings.stream()
        .map(Finding::advice)
        .filter(advice -> advice.contains("GRANT "))
        .flatMap(advice -> List.of(advice.split(";")).stream())
        .map(String::strip)
        .filter(statement -> !statement.isEmpty() && !statement.startsWith("--"))
        .toList();
  }
}
