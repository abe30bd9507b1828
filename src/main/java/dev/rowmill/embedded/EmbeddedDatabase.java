package dev.rowmill.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs a private MariaDB server on 127.0.0.1 and a free port, with its data in one directory. A
 * directory can be used by one server at a time. The server ends with this JVM, even if the JVM is
 * killed; committed data is durable. The only TCP account is {@link #USER}. Its password is
 * generated once and stored in the directory, readable by the owner only.
 *
 * <p>Thread-safe.
 */
public final class EmbeddedDatabase {

  /** Identifies the account, which has all privileges. */
  public static final String USER = "rowmill";

  /**
   * Limits the time for the server to start, and for a previous one to stop. Includes a crash
   * recovery.
   */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Duration BETWEEN_POLLS = Duration.ofMillis(20);

  /** Sizes the redo log for the changes of some hundred chunks before pages must be written. */
  private static final String LOG_FILE_SIZE = "--innodb-log-file-size=256M";

  private static final int PORTS_TO_TRY = 5;
  private static final String PORT_TAKEN = "Bind on TCP/IP port";

  private final Path directory;
  private final FileChannel lock;
  private final int port;
  private final String password;
  private final GuardedProcess process;

  private EmbeddedDatabase(
      Path directory, FileChannel lock, int port, String password, GuardedProcess process) {
    this.directory = directory;
    this.lock = lock;
    this.port = port;
    this.password = password;
    this.process = process;
  }

  /**
   * Starts the server on a directory, which is created if missing. Returns when the server accepts
   * connections. This takes 1 to 3 seconds, and longer the first time.
   *
   * @throws EmbeddedDatabaseException if it can't start, with a message for users
   */
  public static EmbeddedDatabase start(Path directory) {
    Path home = directory.toAbsolutePath().normalize();
    try {
      createPrivateDirectory(home);
      FileChannel lock = lock(home);
      try {
        return startLocked(home, lock);
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new EmbeddedDatabaseException(
          "The embedded database can't start in " + home + ": " + e.getMessage(), e);
    }
  }

  private static EmbeddedDatabase startLocked(Path home, FileChannel lock) throws IOException {
    Path data = home.resolve("mysql");
    Path log = home.resolve("server.log");
    awaitEndOfOldServer(home, data);
    Installation installation = Installation.unpacked(home);
    if (Files.exists(log)) {
      Files.move(log, home.resolve("server.log.1"), StandardCopyOption.REPLACE_EXISTING);
    }
    if (Files.notExists(data)) {
      installation.initialise(data, log, LOG_FILE_SIZE);
    }
    String password = password(home);
    Path accounts = home.resolve("accounts.sql");
    writePrivately(accounts, accountsSql(password));
    for (int tries = 1; ; tries++) {
      int port = freePort();
      List<String> command = installation.command(data);
      command.addAll(settings(port, accounts));
      GuardedProcess process = GuardedProcess.start(command, home.resolve("server.pid"), log);
      EmbeddedDatabase database = new EmbeddedDatabase(home, lock, port, password, process);
      try {
        database.awaitReady(log);
        return database;
      } catch (IOException e) {
        process.release();
        process.awaitExit(PATIENCE);
        // Another process may have taken the port after it was found free.
        if (tries == PORTS_TO_TRY || !Files.readString(log).contains(PORT_TAKEN)) {
          throw e;
        }
      }
    }
  }

  /** Returns the port on 127.0.0.1. */
  public int port() {
    return port;
  }

  public String password() {
    return password;
  }

  /** Returns a URL for Connector/J. The first connection creates the schema. */
  public String jdbcUrl(String schema) {
    // No TLS: the connection stays on this machine, and encrypting a million rows takes time.
    return "jdbc:mysql://127.0.0.1:"
        + port
        + "/"
        + schema
        + "?createDatabaseIfNotExist=true&sslMode=DISABLED&allowPublicKeyRetrieval=true";
  }

  /**
   * Stops the server cleanly and waits for its end, for two minutes at most. Does nothing if the
   * server has already ended.
   */
  public void stop() {
    process.release();
    if (!process.awaitExit(PATIENCE)) {
      System.err.println("The embedded database is still stopping; see " + directory);
    }
    try {
      lock.close();
    } catch (IOException e) {
      // The lock is released when the JVM ends.
    }
  }

  private static List<String> settings(int port, Path accounts) {
    return List.of(
        "--bind-address=127.0.0.1",
        "--port=" + port,
        // Relative to the data directory, because the path of a socket is limited to 107 bytes.
        "--socket=server.sock",
        "--pid-file=mariadbd.pid",
        "--init-file=" + accounts,
        "--skip-name-resolve",
        // Otherwise the server generates a certificate at every start, which takes seconds.
        "--skip-ssl",
        "--character-set-server=utf8mb4",
        "--collation-server=utf8mb4_unicode_ci",
        "--default-time-zone=+00:00",
        "--innodb-buffer-pool-size=256M",
        LOG_FILE_SIZE,
        "--innodb-flush-log-at-trx-commit=1",
        "--performance-schema=OFF",
        "--key-buffer-size=8M",
        "--aria-pagecache-buffer-size=8M",
        "--max-connections=200",
        "--max-allowed-packet=64M",
        "--local-infile=OFF");
  }

  /**
   * Returns the SQL that the server runs at every start, before it accepts connections. So the
   * account is correct even if the first start was interrupted, and each login needs the password.
   */
  private static String accountsSql(String password) {
    // The server reads one statement per line from this file.
    return "DELETE FROM mysql.global_priv WHERE User IN ('root', '', '%1$s');\nFLUSH PRIVILEGES;\n"
            .formatted(USER)
        + "CREATE USER '%1$s'@'127.0.0.1' IDENTIFIED BY '%2$s';\n".formatted(USER, password)
        + "GRANT ALL PRIVILEGES ON *.* TO '%1$s'@'127.0.0.1' WITH GRANT OPTION;\n".formatted(USER);
  }

  private void awaitReady(Path log) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Properties account = new Properties();
    account.setProperty("user", USER);
    account.setProperty("password", password);
    account.setProperty("connectTimeout", "1000");
    // Otherwise the driver would start the platform's tracing before the platform starts.
    account.setProperty("openTelemetry", "DISABLED");
    String url = jdbcUrl("").replace("createDatabaseIfNotExist=true&", "");
    while (true) {
      try (Connection connection = new com.mysql.cj.jdbc.Driver().connect(url, account)) {
        if (connection != null && connection.isValid(1)) {
          return;
        }
      } catch (SQLException e) {
        if (!process.isAlive()) {
          throw new IOException("the server ended while starting, see " + log, e);
        }
        if (System.nanoTime() > deadline) {
          throw new IOException("the server takes too long to start, see " + log, e);
        }
      }
      LockSupport.parkNanos(BETWEEN_POLLS.toNanos());
    }
  }

  private static FileChannel lock(Path home) throws IOException {
    FileChannel channel =
        FileChannel.open(
            home.resolve("lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    FileLock lock;
    try {
      // Lock a byte far beyond the text. With mandatory locks, other processes could not read the
      // text otherwise.
      lock = channel.tryLock(Long.MAX_VALUE - 1, 1, false);
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      ByteBuffer holder = ByteBuffer.allocate(20);
      channel.read(holder, 0);
      channel.close();
      throw new EmbeddedDatabaseException(
          "Another Rowmill is running on "
              + home
              + " already (process "
              + UTF_8.decode(holder.flip()).toString().strip()
              + "). Stop it first, give this one a directory of its own with"
              + " ROWMILL_EMBEDDED_DIRECTORY, or point it to a database with"
              + " QUARKUS_DATASOURCE_JDBC_URL.");
    }
    channel.truncate(0);
    channel.write(UTF_8.encode(Long.toString(ProcessHandle.current().pid())), 0);
    return channel;
  }

  /**
   * Ends the server of a killed JVM and waits for its exit, even if its guardian is already ending
   * it. The process id alone does not identify it, because the system may have reused the id. The
   * data directory in its arguments does.
   */
  static void awaitEndOfOldServer(Path home, Path data) {
    Optional<ProcessHandle> old =
        GuardedProcess.readPid(home.resolve("server.pid"))
            .flatMap(ProcessHandle::of)
            .filter(ProcessHandle::isAlive)
            .filter(handle -> worksOn(handle, data));
    if (old.isPresent()) {
      old.get().destroy();
      if (!GuardedProcess.awaitExit(old.get(), PATIENCE)) {
        throw new EmbeddedDatabaseException(
            "The server of an earlier run on "
                + home
                + " is still stopping (process "
                + old.get().pid()
                + "). Wait for it, then start again.");
      }
    }
  }

  private static boolean worksOn(ProcessHandle handle, Path data) {
    Optional<String[]> arguments = handle.info().arguments();
    return arguments
        .map(list -> List.of(list).contains(Installation.dataArgument(data)))
        // Windows does not report arguments; check the location of the program instead.
        .orElseGet(
            () ->
                handle
                    .info()
                    .command()
                    .filter(program -> Path.of(program).startsWith(data.resolveSibling("")))
                    .isPresent());
  }

  private static String password(Path home) throws IOException {
    Path file = home.resolve("password");
    if (Files.notExists(file)) {
      byte[] bytes = new byte[24];
      new SecureRandom().nextBytes(bytes);
      writePrivately(file, HexFormat.of().formatHex(bytes) + "\n");
    }
    String password = Files.readString(file).strip();
    if (!password.matches("[0-9A-Za-z]{16,}")) {
      throw new IOException(
          file + " doesn't contain a password; delete it, and a new one is generated");
    }
    return password;
  }

  /** Writes a file atomically; other users can't read it at any time. */
  private static void writePrivately(Path file, String text) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.deleteIfExists(part);
    if (GuardedProcess.isWindows()) {
      Files.createFile(part);
    } else {
      Files.createFile(
          part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Files.writeString(part, text);
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void createPrivateDirectory(Path directory) throws IOException {
    if (GuardedProcess.isWindows() || Files.exists(directory)) {
      Files.createDirectories(directory);
    } else {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
