package dev.rowmill.chaos;

import dev.rowmill.testing.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs a database, if possible on a small disk of its own, and its nodes, each behind its own link.
 * Thread-safe.
 */
final class Site implements AutoCloseable {

  /** Names the schema of Rowmill's tables. */
  static final String SCHEMA = "chaos_rowmill";

  /** Names the schema of the projects' tables. */
  static final String WORK = "chaos_work";

  /**
   * Names the account of the nodes, which has all privileges in these two schemas and no others.
   */
  static final String ACCOUNT = "chaos_node";

  private static final String PASSWORD = "of-the-chaos-nodes";
  private static final Path DISK = TestServer.folder("chaos/disk");
  private static final String DISK_SIZE = "size=2g";

  private final Journal journal;
  private final TestServer server;
  private final boolean ownDisk;
  private final List<Node> nodes = new ArrayList<>();
  private final ReentrantLock databaseTrouble = new ReentrantLock();
  private final ScheduledExecutorService manager =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            var thread = new Thread(work, "chaos-node-manager");
            thread.setDaemon(true);
            return thread;
          });

  Site(ChaosSettings settings, Journal journal) throws IOException, SQLException {
    this.journal = journal;
    ownDisk = mountDisk();
    server =
        new TestServer(
            ownDisk ? DISK : DISK.resolveSibling("server"),
            "--innodb-flush-log-at-trx-commit=1",
            "--max-connections=500",
            "--performance-schema=ON",
            "--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON");
    try {
      server.start();
      makeSchemas();
      for (int i = 1; i <= settings.nodes(); i++) {
        var link =
            new FaultyLink(
                InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) (10 + i)}), server.port());
        String name = "n" + i;
        nodes.add(new Node(name, link, config(settings, name, link), journal));
      }
    } catch (IOException | SQLException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts the nodes. The first one starts alone, because it creates the tables. Returns when all
   * listen.
   */
  void start() throws InterruptedException {
    start(nodes.subList(0, 1));
    start(nodes.subList(1, nodes.size()));
    manager.scheduleWithFixedDelay(this::look, 200, 200, TimeUnit.MILLISECONDS);
  }

  private static void start(List<Node> some) throws InterruptedException {
    some.forEach(Node::start);
    while (some.stream().anyMatch(node -> node.address().isEmpty())) {
      Thread.sleep(100);
      some.forEach(Node::look);
    }
  }

  List<Node> nodes() {
    return nodes;
  }

  TestServer server() {
    return server;
  }

  /** Returns the lock to try before a fault of the database. */
  ReentrantLock databaseTrouble() {
    return databaseTrouble;
  }

  /** Returns the disk of the database; empty if none could be mounted. */
  Optional<Path> disk() {
    return ownDisk ? Optional.of(DISK) : Optional.empty();
  }

  /** Opens a connection without a link, with all privileges. The caller has to close it. */
  Connection connect() throws SQLException {
    return server.connect("");
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Returns the first column of a query. */
  List<String> texts(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> texts = new ArrayList<>();
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
      return texts;
    }
  }

  /** Returns the server's ids of the connections of a node, or of all nodes. */
  List<String> connections(@Nullable Node node) throws SQLException {
    return texts(
        "SELECT id FROM information_schema.processlist WHERE user = '"
            + ACCOUNT
            + "'"
            + (node == null ? "" : " AND host LIKE '" + node.link().source() + ":%'"));
  }

  /** Ends all nodes at once. No fault may be active any more. */
  void stopNodes() {
    manager.shutdownNow();
    List<Thread> closing = new ArrayList<>();
    for (Node node : nodes) {
      var thread =
          new Thread(
              () -> {
                try {
                  node.close();
                } catch (IOException e) {
                  journal.note(node.name() + " could not be closed: " + e);
                }
              });
      thread.start();
      closing.add(thread);
    }
    try {
      for (Thread thread : closing) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stopNodes();
    try {
      server.close();
    } finally {
      if (ownDisk) {
        run("umount", DISK.toString());
      }
    }
  }

  private void look() {
    for (Node node : nodes) {
      try {
        node.look();
      } catch (RuntimeException e) {
        journal.note(node.name() + " could not be checked: " + e);
      }
    }
  }

  private void makeSchemas() throws SQLException {
    execute("CREATE DATABASE " + SCHEMA);
    execute("CREATE DATABASE " + WORK);
    execute("CREATE USER '" + ACCOUNT + "'@'%' IDENTIFIED BY '" + PASSWORD + "'");
    for (String schema : List.of(SCHEMA, WORK)) {
      execute("GRANT ALL ON " + schema + ".* TO '" + ACCOUNT + "'@'%'");
    }
  }

  private static Map<String, String> config(ChaosSettings settings, String name, FaultyLink link) {
    Map<String, String> config = new HashMap<>();
    config.put(
        "quarkus.datasource.jdbc.url",
        "jdbc:mysql://127.0.0.1:"
            + link.port()
            + "/"
            + SCHEMA
            + "?sslMode=DISABLED&allowPublicKeyRetrieval=true");
    config.put("quarkus.datasource.username", ACCOUNT);
    config.put("quarkus.datasource.password", PASSWORD);
    config.put("rowmill.node", name);
    config.put("rowmill.cluster.enabled", String.valueOf(settings.isCluster()));
    config.put("rowmill.cluster.takeover", settings.takeover().toSeconds() + "s");
    return config;
  }

  private boolean mountDisk() throws IOException {
    Files.createDirectories(DISK);
    // The mount of a run that was killed.
    run("umount", DISK.toString());
    boolean mounted = run("mount", "-t", "tmpfs", "-o", DISK_SIZE, "tmpfs", DISK.toString());
    journal.note(mounted ? "the database has its own disk" : "no disk could be mounted");
    return mounted;
  }

  private static boolean run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
