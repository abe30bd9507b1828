package dev.rowmill.doctor;

import dev.rowmill.database.DatabaseUrl;
import dev.rowmill.embedded.EmbeddedConfig;
import dev.rowmill.embedded.Installation;
import io.smallrye.config.SmallRyeConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Checks this machine: Java, and the files that the service reads and writes. Stateless. */
final class MachineChecks {

  private static final long MEGABYTE = 1024 * 1024;

  /** Is the smallest tested heap, in megabytes, less what a collector keeps for itself. */
  private static final long SMALLEST_HEAP = 100;

  private static final String USER = System.getProperty("user.name", "");

  private MachineChecks() {}

  static Finding java() {
    long heap = Runtime.getRuntime().maxMemory() / MEGABYTE;
    String found = "Java " + Runtime.version() + ", heap up to " + heap + " MB";
    return heap < SMALLEST_HEAP
        ? Finding.warning(
            "java", found, "Give the service at least -Xmx128m; docs/operations.md#memory.")
        : Finding.ok("java", found);
  }

  /** Checks the directory of exports and the file of the first token, where they are used. */
  static List<Finding> files(SmallRyeConfig config) {
    List<Finding> findings = new ArrayList<>();
    config
        .getOptionalValue("rowmill.export.directory", String.class)
        .ifPresent(directory -> findings.add(exports(Path.of(directory))));
    boolean tokens =
        config.getOptionalValue("rowmill.auth", String.class).filter("open"::equals).isEmpty();
    if (tokens && config.getOptionalValue(DatabaseUrl.PROPERTY, String.class).isPresent()) {
      String file =
          config
              .getOptionalValue("rowmill.auth.token-file", String.class)
              .orElse("rowmill-admin-token");
      findings.add(tokenFile(Path.of(file).toAbsolutePath().normalize()));
    }
    return findings;
  }

  private static Finding exports(Path directory) {
    String check = "export-directory";
    if (!Files.isDirectory(directory)) {
      return Finding.error(
          check,
          directory + " is not a directory, so exports to directories are rejected",
          "mkdir -p " + directory + " && chown " + USER + " " + directory);
    }
    return Files.isWritable(directory)
        ? Finding.ok(check, directory + " is writable")
        : Finding.error(
            check, directory + " is not writable for " + USER, "chown " + USER + " " + directory);
  }

  private static Finding tokenFile(Path file) {
    String check = "token-file";
    Path parent = Optional.ofNullable(file.getParent()).orElse(file);
    if (Files.exists(file) && !Files.isReadable(file)) {
      return Finding.warning(
          check, file + " is not readable for " + USER, "chown " + USER + " " + file);
    }
    if (!Files.isWritable(parent)) {
      return Finding.warning(
          check,
          parent + " is not writable for " + USER + ", so the first admin token can't be stored",
          "chown "
              + USER
              + " "
              + parent
              + ", or set ROWMILL_AUTH_TOKEN_FILE. Nothing is to do"
              + " where an admin token exists.");
    }
    return Finding.ok(
        check,
        Files.exists(file)
            ? file + " exists"
            : file + " will be written at the first start, if no admin token exists");
  }

  /** Checks the directory of the embedded database, which starts if no other is configured. */
  static Finding embedded(SmallRyeConfig config) {
    Path directory =
        config.getConfigMapping(EmbeddedConfig.class).directory().toAbsolutePath().normalize();
    Path existing = directory;
    while (Files.notExists(existing)) {
      existing = Optional.ofNullable(existing.getParent()).orElseThrow();
    }
    String check = "database-url";
    if (!Installation.isIncluded()) {
      return Finding.error(
          check,
          "none is configured, and this build contains no database of its own",
          "Set QUARKUS_DATASOURCE_JDBC_URL, such as " + DatabaseUrl.EXAMPLE + ".");
    }
    return Files.isWritable(existing)
        ? Finding.ok(
            check,
            "none is configured: the service starts the embedded database in "
                + directory
                + ". For a server of your own, set QUARKUS_DATASOURCE_JDBC_URL, such as "
                + DatabaseUrl.EXAMPLE)
        : Finding.error(
            check,
            "none is configured, and the directory of the embedded database can't be written: "
                + directory,
            "Set QUARKUS_DATASOURCE_JDBC_URL, or ROWMILL_EMBEDDED_DIRECTORY to a directory that "
                + USER
                + " may write.");
  }
}
