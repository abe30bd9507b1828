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
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
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

  private static final List<String> FAST_MARIADB =
      List.of(
          // Otherwise MariaDB 11.4 generates a certificate at every start, which takes seconds.
          "--skip-ssl",
          // Otherwise it waits for the disk several times for each table that it creates or drops.
          // Without, only a crash of the machine could lose data; a killed server loses none.
          "--debug-no-sync");

  private final @Nullable String daemon;
  private final @Nullable String chroot;
  private final RunDirectory directory;
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
      directory = RunDirectory.create(servers, "server");
      home = directory.path();
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
      directory.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns a URL for Connector/J; the first connection creates the schema. */
  public String url(String schema) {
    return url(port, schema);
  }

  /** Returns a URL for Connector/J, of a server on a port of this machine. */
  public static String url(int port, String schema) {
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
    Path log = home.resolve("server.log");
    if (daemon == null) {
      Installation installation = Installation.unpacked(TARGET.resolve("test-servers"));
      copyTemplate(
          installation.base().getFileName().toString(), data -> installation.initialise(data, log));
      return mariadb(installation);
    }
    List<String> program = new ArrayList<>();
    if (chroot != null) {
      program.addAll(List.of("chroot", chroot));
    }
    program.add(daemon);
    String version = output(program, "--version");
    String template = Integer.toHexString(version.hashCode());
    if (version.contains("MariaDB") && chroot == null) {
      Path base = Path.of(daemon).resolve("../..").normalize();
      Path share = base.resolve("share/mysql");
      Path tables = share.resolve("mysql_system_tables.sql");
      Installation installation =
          new Installation(
              Path.of(daemon), base, Files.exists(tables) ? share : base.resolve("share/mariadb"));
      copyTemplate(template, data -> installation.initialise(data, log));
      return mariadb(installation);
    }
    program.add("--no-defaults");
    if ("root".equals(System.getProperty("user.name"))) {
      program.add("--user=root");
    }
    if (version.contains("MariaDB")) {
      copyTemplate(template, data -> initialiseMariaDbInside(program, data, log));
      program.addAll(FAST_MARIADB);
    } else {
      program.add("--mysqlx=OFF");
      copyTemplate(
          template, data -> output(program, "--datadir=" + inside(data), "--initialize-insecure"));
      // Each server of a replication needs its own identity.
      Files.deleteIfExists(data().resolve("auto.cnf"));
    }
    program.addAll(List.of("--datadir=" + inside(data()), "--tmpdir=" + inside(data())));
    return program;
  }

  private List<String> mariadb(Installation installation) {
    List<String> mariadb = new ArrayList<>(installation.command(data()));
    mariadb.addAll(FAST_MARIADB);
    return mariadb;
  }

  /** Creates the system tables in a directory that does not exist. */
  private interface Initialiser {
    void initialise(Path data) throws IOException;
  }

  /** Copies the data directory of an unused server; the first server of a kind creates that. */
  private void copyTemplate(String kind, Initialiser initialiser) throws IOException {
    Path template = folder("test-servers").resolve("template-" + kind);
    if (Files.notExists(template)) {
      try (RunDirectory making = RunDirectory.create(folder("test-servers"), "making")) {
        Path data = making.path().resolve("data");
        initialiser.initialise(data);
        Files.move(data, template, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileSystemException e) {
        // Another JVM may have moved its own there.
        if (Files.notExists(template)) {
          throw e;
        }
      }
    }
    try (Stream<Path> files = Files.walk(template)) {
      for (Path file : files.toList()) {
        Files.copy(file, data().resolve(template.relativize(file).toString()));
      }
    }
  }

  /** Does the same as {@link Installation#initialise}, inside a chroot. */
  private void initialiseMariaDbInside(List<String> program, Path data, Path log)
      throws IOException {
    Files.createDirectories(data);
    List<String> initialising = new ArrayList<>(program);
    initialising.addAll(
        List.of(
            "--datadir=" + inside(data),
            "--tmpdir=" + inside(data),
            "--bootstrap",
            "--log-warnings=0",
            "--max-allowed-packet=8M"));
    Process process =
        new ProcessBuilder(initialising)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    Path share = Path.of(Objects.requireNonNull(chroot), "usr/share/mariadb");
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
  }

  /** Returns the path of a file as the server sees it. */
  private String inside(String file) {
    return inside(home.resolve(file));
  }

  private String inside(Path path) {
    return chroot == null ? path.toString() : "/" + Path.of(chroot).relativize(path);
  }

  private static String output(List<String> program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(program);
    command.addAll(List.of(arguments));
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
}
