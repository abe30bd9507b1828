package dev.rowmill;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.Secrets;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Searches the logs of all services of the test run for secrets. Runs after all other tests. Their
 * passwords, tokens and secret values are recognised by their form.
 */
class SecretsInLogsCheck {

  private static final Path OF_TESTS = Path.of("target/test-logs");
  private static final Path OF_PROCESSES = Path.of("target/service-logs");

  @Test
  void no_log_line_of_the_test_run_contains_a_secret() throws IOException {
    List<Path> logs =
        Stream.of(OF_TESTS, OF_PROCESSES).filter(Files::isDirectory).flatMap(this::logs).toList();
    assertFalse(logs.isEmpty(), "no log of any test is there");
    long lines = 0;
    for (Path log : logs) {
      try (BufferedReader reader = Files.newBufferedReader(log, StandardCharsets.ISO_8859_1)) {
        String line;
        while ((line = reader.readLine()) != null) {
          Secrets.assertNone(log + ", line " + ++lines, line);
        }
      }
    }
    assertTrue(lines > 100, "only " + lines + " lines were logged");
    System.out.printf("No secret in %,d lines of %,d logs.%n", lines, logs.size());
  }

  private Stream<Path> logs(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(".log")).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
