package dev.rowmill.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import java.net.InetAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests each fault of a link on real connections. */
@ExtendWith(SharedServer.class)
class FaultyLinkTest {

  private static final String SCHEMA = "chaos_link";

  private TestServer server;
  private FaultyLink link;

  @BeforeEach
  void open_link(TestServer shared) throws Exception {
    server = shared;
    link = new FaultyLink(InetAddress.getByName("127.0.0.1"), server.port());
    try (Connection direct = server.connect(SCHEMA);
        Statement statement = direct.createStatement()) {
      statement.execute("CREATE TABLE t (n INT NOT NULL)");
    }
  }

  @AfterEach
  void close_link() throws Exception {
    link.close();
    try (Connection direct = server.connect("");
        Statement statement = direct.createStatement()) {
      statement.execute("DROP DATABASE " + SCHEMA);
    }
  }

  @Test
  void a_commit_whose_answer_is_lost_is_done() throws Exception {
    try (Connection connection = connect();
        PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES (?)")) {
      connection.setAutoCommit(false);
      insert.setInt(1, 1);
      insert.executeUpdate();
      connection.commit();
      link.loseAnswers(1);
      insert.setInt(1, 2);
      insert.executeUpdate();
      assertThrows(SQLException.class, connection::commit);
    }
    assertEquals(1, link.answersLost());
    assertEquals(2, count());
    try (Connection next = connect()) {
      next.setAutoCommit(false);
      next.commit();
    }
  }

  @Test
  void a_cut_holds_what_comes_until_it_is_mended_by_a_reset() throws Exception {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      link.cut();
      CompletableFuture<Boolean> answer =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return statement.execute("INSERT INTO t VALUES (1)");
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThrows(TimeoutException.class, () -> answer.get(500, TimeUnit.MILLISECONDS));
      link.mend();
      assertThrows(ExecutionException.class, () -> answer.get(2, TimeUnit.MINUTES));
    }
    assertEquals(0, count());
    try (Connection connection = connect()) {
      assertTrue(connection.isValid(5));
    }
  }

  @Test
  void a_reset_ends_all_connections_on_both_sides() throws Exception {
    try (Connection one = connect();
        Connection two = connect()) {
      assertEquals(2, link.open());
      link.reset();
      assertThrows(SQLException.class, () -> one.createStatement().execute("DO 0"));
      assertThrows(SQLException.class, () -> two.createStatement().execute("DO 0"));
    }
    Awaitility.await("the server to notice").until(() -> link.open() == 0);
  }

  @Test
  void a_slow_link_takes_its_time() throws Exception {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      link.slow(Duration.ofMillis(100));
      long began = System.nanoTime();
      statement.execute("DO 0");
      assertTrue(System.nanoTime() - began >= Duration.ofMillis(200).toNanos());
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(
        server.url(SCHEMA).replace(":" + server.port(), ":" + link.port()) + "&socketTimeout=20000",
        server.user(),
        server.password());
  }

  private int count() throws SQLException {
    try (Connection direct = server.connect(SCHEMA);
        Statement statement = direct.createStatement();
        ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM t")) {
      row.next();
      return row.getInt(1);
    }
  }
}
