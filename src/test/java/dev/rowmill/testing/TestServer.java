package dev.rowmill.testing;

import dev.rowmill.embedded.GuardedProcess;
import dev.rowmill.embedded.Installation;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Runs a database server as a real process that can be stopped, killed and restarted on the same
 * port and data. It ends with the tests' JVM, even if that is killed.
 *
 * <p>By default it is the embedded MariaDB. System properties select another: {@code
 * testing.mariadbd} is the path of a {@code mariadbd} or of MySQL's {@code mysqld}. With {@code
 * testing.chroot}, that path is inside this folder, such as one made by debootstrap.
 *
 * <p>Not thread-safe.
 */
public final class TestServer implements AutoCloseable {

  static final String USER = "test";
  static final String PASSWORD = Secrets.MARK + "of-the-database";

  private static final Path TARGET = Path.of("target").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final int PORTS = 2_000;

  /**
   * Starts a range of ports for each JVM, as Surefire numbers its JVMs from 1. All are below the
   * system's ephemeral ports.
   */
  private static final int FIRST_PORT =
      12_000
          + PORTS
              * ((Integer.getInteger("surefire.forkNumber", 0)
                      + (System.getProperty("testing.chroot") == null ? 0 : 4))
                  % 8);

  /** Is a system property rather than a static field: a JVM may load this class several times. */
  private static final String NEXT_PORT = "testing.next.port";

  private final @Nullable String daemon;
  private final @Nullable String chroot;
  private final Path home;
  private final List<String> command;
  private final int port;
  private @Nullable GuardedProcess process;

  /**
   * Creates a server with empty data; {@link #start()} starts it.
   *
   * @param options arguments for the server, such as {@code --wait-timeout=2}
   */
  public TestServer(String... options) {
    this(
        System.getProperty("testing.mariadbd"),
        System.getProperty("testing.chroot"),
        folder("test-servers"),
        options);
  }

  /** Creates a server with empty data, which runs a MariaDB of the system. */
  static TestServer of(Path daemon, String... options) {
    return new TestServer(daemon.toString(), null, TARGET.resolve("test-servers"), options);
  }

  /**
   * Creates a server with empty data inside a given folder, such as one on a small disk.
   *
   * @param options arguments for the server
   */
  public TestServer(Path servers, String... options) {
    this(
        System.getProperty("testing.mariadbd"),
        System.getProperty("testing.chroot"),
        servers,
        options);
  }

  private TestServer(
      @Nullable String daemon, @Nullable String chroot, Path servers, String... options) {
    this.daemon = daemon;
    this.chroot = chroot;
    try {
      Files.createDirectories(servers);
      // A random name, because the class may be loaded twice, and counters would then collide.
      home = Files.createTempDirectory(servers, "server-");
      port = freePort();
      command = new ArrayList<>(initialise());
      Files.writeString(
          home.resolve("accounts.sql"),
          """
          CREATE USER IF NOT EXISTS '%1$s'@'127.0.0.1' IDENTIFIED BY '%2$s';
          GRANT ALL PRIVILEGES ON *.* TO '%1$s'@'127.0.0.1' WITH GRANT OPTION;
          """
              .formatted(USER, PASSWORD));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    command.addAll(
        List.of(
            "--bind-address=127.0.0.1",
            "--port=" + port,
            "--socket=" + (chroot == null ? "server.sock" : inside("server.sock")),
            "--pid-file=" + inside("daemon.pid"),
            "--init-file=" + inside("accounts.sql"),
            "--skip-name-resolve",
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_unicode_ci",
            "--max-allowed-packet=64M",
            "--skip-log-bin",
            // Safe if only the server is killed; only a crash of the machine could lose commits.
            "--innodb-flush-log-at-trx-commit=2"));
    command.addAll(List.of(options));
  }

  /** Returns a folder that the servers can use: in the build directory, or inside the chroot. */
  public static Path folder(String name) {
    String chroot = System.getProperty("testing.chroot");
    return chroot == null ? TARGET.resolve(name) : Path.of(chroot, "tmp", name);
  }

  /** Starts the server, and returns when it accepts connections. */
  public TestServer start() {
    launch();
    awaitConnections();
    return this;
  }

  /** Starts the server without waiting for it. */
  void launch() {
    try {
      process =
          GuardedProcess.start(command, home.resolve("server.pid"), home.resolve("server.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until the started server accepts connections. */
  void awaitConnections() {
    GuardedProcess started = Objects.requireNonNull(process);
    Awaitility.await("server on port " + port + ", see " + home.resolve("server.log"))
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50))
        .failFast(() -> !started.isAlive())
        .until(this::takesConnections);
  }

  /** Returns the data directory. */
  Path data() {
    return home.resolve("data");
  }

  /** Stops the server cleanly, and returns when it has ended. Its data stays for the next start. */
  public void stop() {
    if (process != null) {
      process.release();
      awaitGone(process);
    }
  }

  /** Kills the server as {@code kill -9} does, and returns when it has ended. */
  public void kill() {
    if (process != null) {
      process.command().ifPresent(ProcessHandle::destroyForcibly);
      awaitGone(process);
    }
  }

  public boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** Stops the server and deletes its data. */
  @Override
  public void close() {
    stop();
    try {
      deleteTree(home);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns a URL for Connector/J; the first connection creates the schema. */
  public String url(String schema) {
    return url(port, schema);
  }

  static String url(int port, String schema) {
    return "jdbc:mysql://127.0.0.1:"
        + port
        + "/"
        + schema
        + "?createDatabaseIfNotExist=true&sslMode=DISABLED&allowPublicKeyRetrieval=true";
  }

  public int port() {
    return port;
  }

  /** Returns the account, which has all privileges. */
  public String user() {
    return USER;
  }

  public String password() {
    return PASSWORD;
  }

  /** Returns a connection outside any pool; the test must close it. */
  public Connection connect(String schema) throws SQLException {
    return DriverManager.getConnection(url(schema), user(), password());
  }

  private boolean takesConnections() {
    try (Connection connection = DriverManager.getConnection(url(""), user(), password())) {
      return connection.isValid(1);
    } catch (SQLException e) {
      return false;
    }
  }

  private static void awaitGone(GuardedProcess process) {
    if (!process.awaitExit(PATIENCE)) {
      throw new IllegalStateException("the server does not end");
    }
  }

  /** Creates the data directory, and returns the start of the command that runs a server on it. */
  private List<String> initialise() throws IOException {
    Path data = data();
    Path log = home.resolve("server.log");
    if (daemon == null) {
      Installation installation = Installation.unpacked(TARGET.resolve("test-servers"));
      return mariadb(installation, data, log);
    }
    if (chroot == null && output(daemon, "--version").contains("MariaDB")) {
      Path base = Path.of(daemon).resolve("../..").normalize();
      Path share = base.resolve("share/mysql");
      Path tables = share.resolve("mysql_system_tables.sql");
      Installation installation =
          new Installation(
              Path.of(daemon), base, Files.exists(tables) ? share : base.resolve("share/mariadb"));
      return mariadb(installation, data, log);
    }
    if (chroot != null && output("chroot", chroot, daemon, "--version").contains("MariaDB")) {
      return mariadbInside(chroot, daemon, data, log);
    }
    List<String> mysql = new ArrayList<>();
    if (chroot != null) {
      mysql.addAll(List.of("chroot", chroot));
    }
    mysql.addAll(List.of(daemon, "--no-defaults", "--datadir=" + inside("data")));
    if ("root".equals(System.getProperty("user.name"))) {
      mysql.add("--user=root");
    }
    mysql.add("--mysqlx=OFF");
    List<String> initialising = new ArrayList<>(mysql);
    initialising.add("--initialize-insecure");
    output(initialising.toArray(String[]::new));
    mysql.add("--tmpdir=" + inside("data"));
    return mysql;
  }

  private static List<String> mariadb(Installation installation, Path data, Path log)
      throws IOException {
    installation.initialise(data, log);
    List<String> mariadb = new ArrayList<>(installation.command(data));
    // Otherwise MariaDB 11.4 generates a certificate at every start, which takes seconds.
    mariadb.add("--skip-ssl");
    return mariadb;
  }

  /** Does the same as {@link Installation#initialise}, inside a chroot. */
  private List<String> mariadbInside(String folder, String program, Path data, Path log)
      throws IOException {
    Files.createDirectories(data);
    List<String> mariadb =
        new ArrayList<>(
            List.of("chroot", folder, program, "--no-defaults", "--datadir=" + inside("data")));
    mariadb.add("--tmpdir=" + inside("data"));
    if ("root".equals(System.getProperty("user.name"))) {
      mariadb.add("--user=root");
    }
    List<String> initialising = new ArrayList<>(mariadb);
    initialising.addAll(List.of("--bootstrap", "--log-warnings=0", "--max-allowed-packet=8M"));
    Process process =
        new ProcessBuilder(initialising)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    Path share = Path.of(folder, "usr/share/mariadb");
    try (OutputStream sql = process.getOutputStream()) {
      sql.write("create database mysql;\nuse mysql;\nset @auth_root_socket=null;\n".getBytes());
      for (String part : List.of("system_tables", "performance_tables", "system_tables_data")) {
        Files.copy(share.resolve("mariadb_" + part + ".sql"), sql);
      }
    }
    try {
      if (process.waitFor() != 0) {
        throw new IOException("the server could not create its system tables, see " + log);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    mariadb.add("--skip-ssl");
    return mariadb;
  }

  /** Returns the path of a file as the server sees it. */
  private String inside(String file) {
    Path path = home.resolve(file);
    return chroot == null ? path.toString() : "/" + Path.of(chroot).relativize(path);
  }

  private static String output(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes());
    try {
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + " failed:\n" + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    return output;
  }

  /**
   * Returns a free port outside the system's ephemeral range. JVMs that run tests in parallel get
   * different ones.
   */
  public static int freePort() throws IOException {
    for (int tries = 0; tries < PORTS; tries++) {
      int candidate = FIRST_PORT + nextPort() % PORTS;
      try (var socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), candidate), 1);
        return candidate;
      } catch (BindException e) {
        // The port is taken; try the next one.
      }
    }
    throw new IOException("no port is free from " + FIRST_PORT + " on");
  }

  private static int nextPort() {
    synchronized (System.class) {
      // Begins anywhere, as several builds may run on one machine.
      int next =
          Integer.getInteger(NEXT_PORT, (int) (ProcessHandle.current().pid() * 7919 % PORTS));
      System.setProperty(NEXT_PORT, Integer.toString(next + 1));
      return next;
    }
  }

  private static void deleteTree(Path root) throws IOException {
    if (Files.exists(root)) {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
