package dev.rowmill.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.database.ConnectionCache.Lent;
import dev.rowmill.testing.DatabaseResource;
import io.agroal.api.AgroalDataSource;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ConnectionCacheTest {

  @Inject
  @DataSource("data")
  AgroalDataSource pool;

  private ConnectionCache cache;

  @BeforeEach
  void awaitUnusedPool() {
    Awaitility.await().until(() -> pool.getMetrics().activeCount() == 0);
    cache = new ConnectionCache(pool);
  }

  @Test
  void a_connection_is_lent_again_for_its_purpose() {
    // A machine may be busy for a quarter of a second, but not each time.
    Awaitility.await().until(this::isLentAgainAsItIs);
  }

  private boolean isLentAgainAsItIs() throws SQLException {
    Lent first = cache.borrow("a");
    assertFalse(first.connection().getAutoCommit());
    long before = statements(first);
    cache.giveBack(first);
    Lent again = cache.borrow("a");
    boolean same = first.connection() == again.connection();
    boolean unused = statements(again) == before + 1;
    cache.giveBackFailed(again);
    return same && unused;
  }

  @Test
  void a_connection_is_validated_before_it_serves_another_purpose() throws SQLException {
    Lent first = cache.borrow("a");
    execute(first, "SET SESSION sql_safe_updates = 1");
    long id = id(first);
    cache.giveBack(first);
    Lent other = cache.borrow("b");
    assertNotEquals(id, id(other), "the changed session");
    cache.giveBackFailed(other);
  }

  @Test
  void an_unused_connection_returns_to_the_pool() throws SQLException {
    Lent lent = cache.borrow("a");
    cache.giveBack(lent);
    Awaitility.await().until(() -> pool.getMetrics().activeCount() == 0);
    try (Connection connection = pool.getConnection()) {
      assertTrue(connection.getAutoCommit());
    }
  }

  @Test
  void a_connection_in_steady_use_is_validated_again() throws SQLException {
    long began = System.nanoTime();
    Lent first = cache.borrow("a");
    Lent now = first;
    while (now.borrowedNanos() == first.borrowedNanos()) {
      assertTrue(System.nanoTime() - began < 60_000_000_000L, "no validation in a minute");
      cache.giveBack(now);
      now = cache.borrow("a");
    }
    assertTrue(System.nanoTime() - began > 200_000_000L, "one that was validated just before");
    cache.giveBackFailed(now);
  }

  @Test
  void after_an_error_none_is_lent_without_a_validation() throws SQLException {
    List<Lent> lent = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      lent.add(cache.borrow("a"));
    }
    for (Lent each : lent) {
      Connections.abort(each.connection());
    }
    cache.giveBack(lent.get(0));
    cache.giveBack(lent.get(1));
    assertThrows(SQLException.class, () -> execute(lent.get(2), "SELECT 1"));
    cache.giveBackFailed(lent.get(2));
    Lent next = cache.borrow("a");
    execute(next, "SELECT 1");
    cache.giveBackFailed(next);
    assertEquals(0, pool.getMetrics().activeCount());
  }

  @Test
  void few_unused_connections_are_withheld_from_the_pool() throws SQLException {
    List<Lent> lent = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      lent.add(cache.borrow("a"));
    }
    for (Lent each : lent) {
      cache.giveBack(each);
    }
    assertTrue(pool.getMetrics().activeCount() <= 8);
  }

  private static long id(Lent lent) throws SQLException {
    return Rows.number(lent.connection(), "SELECT CONNECTION_ID()");
  }

  /** Returns the number of statements that the session has executed, with this one. */
  private static long statements(Lent lent) throws SQLException {
    return Rows.first(
            lent.connection(),
            "SHOW SESSION STATUS LIKE 'Questions'",
            row -> Long.valueOf(row.getString(2)))
        .orElseThrow();
  }

  private static void execute(Lent lent, String sql) throws SQLException {
    try (Statement statement = lent.connection().createStatement()) {
      statement.execute(sql);
    }
  }
}
