package dev.rowmill.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.mysql.cj.jdbc.MysqlDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assertions;

/**
 * Combines a server, a schema of the test's own, and the service on that schema. The service's
 * account has only the privileges that it needs; the test uses another account. Closing the rig
 * kills the service.
 *
 * <p>Not thread-safe, except for the API.
 */
public final class Rig implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final TestServer server;
  private final String schema;

  /** Names the service's own account, which identifies its connections. */
  private final String account;

  private final MysqlDataSource admin = new MysqlDataSource();
  private final List<ServiceProcess> services = new ArrayList<>();

  public Rig(TestServer server) throws SQLException {
    this(server, "");
  }

  /**
   * Creates a schema and an account on a server.
   *
   * @param parameters parameters of the test's own URL, starting with an ampersand
   */
  public Rig(TestServer server, String parameters) throws SQLException {
    this.server = server;
    schema = "rig_" + COUNT.incrementAndGet();
    account = "of_" + schema;
    admin.setURL(server.url("") + parameters);
    admin.setUser(server.user());
    admin.setPassword(server.password());
    execute(
        "CREATE USER IF NOT EXISTS '"
            + account
            + "'@'127.0.0.1' IDENTIFIED BY '"
            + password()
            + "'");
    execute("DROP DATABASE IF EXISTS " + schema);
    execute("CREATE DATABASE " + schema);
    grant(schema);
    grant("rowmill_work");
  }

  private String password() {
    return Secrets.MARK + account;
  }

  /** Grants the service all privileges on another schema. */
  public void grant(String name) throws SQLException {
    execute("GRANT ALL ON " + name + ".* TO '" + account + "'@'127.0.0.1'");
  }

  /** Returns the schema of the service's own tables. */
  public String schema() {
    return schema;
  }

  /** Creates a table with rows whose number is 0. */
  public WorkTable table(int rows) throws SQLException {
    return WorkTable.create(admin, rows);
  }

  /** Creates a table of all types with a key. */
  public AllTypesTable table(AllTypesTable.Key key, int rows) throws SQLException {
    return AllTypesTable.create(admin, key, rows);
  }

  /** Starts the service, and returns when it listens. */
  public ServiceProcess start() {
    return start(Map.of());
  }

  public ServiceProcess start(Map<String, String> config) {
    return launch(config).awaitListening();
  }

  /** Starts the service without waiting for it. */
  public ServiceProcess launch(Map<String, String> config) {
    return launch(List.of(), config);
  }

  /**
   * Starts the service through another program without waiting for it.
   *
   * @param through that program and its arguments; see {@link ServiceProcess#launch}
   */
  public ServiceProcess launch(List<String> through, Map<String, String> config) {
    Map<String, String> all = new HashMap<>(config);
    all.putIfAbsent("quarkus.datasource.jdbc.url", server.url(schema));
    all.put("quarkus.datasource.username", account);
    all.put("quarkus.datasource.password", password());
    ServiceProcess service = ServiceProcess.launch(through, all);
    services.add(service);
    return service;
  }

  /** Opens a connection, which the test must close. */
  public Connection connect() throws SQLException {
    return admin.getConnection();
  }

  public void execute(String sql) throws SQLException {
    Sql.execute(admin, sql);
  }

  public long number(String sql) throws SQLException {
    return Sql.number(admin, sql);
  }

  public List<Long> numbers(String sql) throws SQLException {
    return Sql.numbers(admin, sql);
  }

  /** Returns the stored status of a batch, such as RUNNING. */
  public String storedStatus(long batch) throws SQLException {
    try (Connection connection = admin.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT status FROM " + schema + ".batch WHERE id = " + batch)) {
      row.next();
      return row.getString(1);
    }
  }

  /** Returns the rows scanned up to the stored checkpoint of a batch; -1 unless it is running. */
  public long scannedWhileRunning(long batch) throws SQLException {
    return number(
        "SELECT COALESCE(SUM(l.rows_scanned), -1) FROM "
            + schema
            + ".lane l JOIN "
            + schema
            + ".batch b ON b.id = l.batch AND b.status = 'RUNNING' WHERE b.id = "
            + batch);
  }

  /** Returns the rows scanned up to the stored checkpoint of a batch. */
  public long scanned(long batch) throws SQLException {
    return number("SELECT SUM(rows_scanned) FROM " + schema + ".lane WHERE batch = " + batch);
  }

  /** Inserts a batch directly into the table; the service runs it only after its next start. */
  public long storeLeftBatch(String project) throws SQLException {
    execute(
        "INSERT INTO "
            + schema
            + ".batch (project, kind, sql_text, parameters, mode, status, chunk_rows, start_key,"
            + " request_hash, created_at) VALUES ('"
            + project
            + "', 'SQL', 'DELETE FROM nowhere', '{}', 'PARALLEL', 'QUEUED', 10, '"
            + project
            + "', '', NOW(3))");
    return number("SELECT MAX(id) FROM " + schema + ".batch");
  }

  /** Counts the stored batches that meet a condition. */
  public long batchesThat(String condition) throws SQLException {
    return number("SELECT COUNT(*) FROM " + schema + ".batch WHERE " + condition);
  }

  /** Waits until a transaction waits for a lock. */
  public void awaitLockWait() {
    Awaitility.await("a chunk to wait for a lock")
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .until(() -> Sql.isLockAwaited(admin));
  }

  /**
   * Waits until the batch runs and its stored checkpoint has passed a number of rows. Fails at once
   * if the batch has ended before.
   */
  public void awaitScanned(long batch, long moreThan) {
    Awaitility.await("batch " + batch + " past " + moreThan + " rows")
        .atMost(Duration.ofMinutes(5))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .failFast(() -> assertHasNotEnded(batch))
        .until(() -> scannedWhileRunning(batch) > moreThan);
  }

  private void assertHasNotEnded(long batch) throws SQLException {
    String ended = " AND status IN ('SUCCEEDED', 'FAILED', 'CANCELLED')";
    if (batchesThat("id = " + batch + ended) > 0) {
      Assertions.fail("batch %d has ended as %s".formatted(batch, storedStatus(batch)));
    }
  }

  /** Returns the epoch of a batch, which counts its runs. */
  public long epoch(long batch) throws SQLException {
    return number("SELECT epoch FROM " + schema + ".batch WHERE id = " + batch);
  }

  /** Returns the server's ids of the service's connections. */
  public List<Long> connections() throws SQLException {
    return numbers("SELECT id FROM information_schema.processlist WHERE user = '" + account + "'");
  }

  /**
   * Fails unless checkpoint and rows agree; both are read in one snapshot. For a batch that adds 1
   * to each row.
   */
  public void checkpointFitsRows(long batch, WorkTable table) throws SQLException {
    try (Connection connection = admin.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT (SELECT SUM(rows_scanned) FROM "
                    + schema
                    + ".lane WHERE batch = "
                    + batch
                    + "), (SELECT SUM(n) FROM "
                    + table.name()
                    + "), (SELECT MAX(n) FROM "
                    + table.name()
                    + ")")) {
      row.next();
      Assertions.assertEquals(row.getLong(1), row.getLong(2), "rows scanned, rows changed");
      Assertions.assertTrue(row.getLong(3) <= 1, "a row has changed more than once");
    }
  }

  /** Fails unless the batch has succeeded and has added exactly 1 to each row. */
  public static void assertExact(JsonNode batch, WorkTable table, int rows) throws SQLException {
    Assertions.assertEquals("succeeded", batch.path("status").asText(), batch::toString);
    Assertions.assertEquals(rows, table.rowsWith(1), batch::toString);
    Assertions.assertEquals(rows, table.number("SELECT COUNT(*) FROM " + table.name()));
    JsonNode progress = batch.path("progress");
    Assertions.assertEquals(rows, progress.path("rowsScanned").asLong(), batch::toString);
    Assertions.assertEquals(rows, progress.path("rowsChanged").asLong(), batch::toString);
    Assertions.assertEquals(100.0, progress.path("percent").asDouble(), batch::toString);
  }

  /** Fails unless all threads, connections, transactions and projects of the service come free. */
  public void leavesNothingBehind(RowmillApi api) {
    Awaitility.await("everything to come free")
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        // The list of transactions repeats its result for 100 ms.
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () -> {
              JsonNode pool = api.get("/pool").body();
              Assertions.assertEquals(0, pool.path("active").asInt(-1), pool::toString);
              Assertions.assertEquals(0, pool.path("queued").asInt(-1), pool::toString);
              Assertions.assertTrue(pool.path("serial").path("holder").isNull(), pool::toString);
              JsonNode running = api.get("/projects?running=true").body();
              Assertions.assertEquals(0, running.path("items").size(), running::toString);
              String metrics = api.metrics();
              Assertions.assertTrue(
                  metrics.contains("agroal_active_count{datasource=\"data\"} 0.0"),
                  "a data connection is still in use");
              Assertions.assertTrue(
                  metrics.contains("agroal_active_count{datasource=\"default\"} 1.0"),
                  "of the control connections more than the instance lock's is lent out");
              noTransactions();
            });
  }

  /** Fails if the server has any transaction, except those of other rigs' services. */
  public void noTransactions() throws SQLException {
    Assertions.assertEquals(
        List.of(),
        numbers(
            """
            SELECT trx_mysql_thread_id FROM information_schema.innodb_trx
            WHERE trx_mysql_thread_id NOT IN (
              SELECT id FROM information_schema.processlist
              WHERE user LIKE 'of\\_rig\\_%%' AND user <> '%s')"""
                .formatted(account)));
  }

  @Override
  public void close() {
    services.forEach(ServiceProcess::close);
  }
}
