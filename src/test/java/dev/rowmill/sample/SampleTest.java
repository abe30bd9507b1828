package dev.rowmill.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.mysql.cj.jdbc.MysqlDataSource;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.PlainContext;
import dev.rowmill.task.Refusal;
import dev.rowmill.testing.Sql;
import dev.rowmill.testing.TestServer;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SampleTest {

  private static final TestServer SERVER = new TestServer();
  private static final MysqlDataSource DATA = new MysqlDataSource();

  private final SampleShop shop = new SampleShop(DATA);

  @BeforeAll
  static void start() {
    SERVER.start();
    DATA.setUrl(SERVER.url("sample_test"));
    DATA.setUser(SERVER.user());
    DATA.setPassword(SERVER.password());
  }

  @AfterAll
  static void stop() {
    SERVER.close();
  }

  @BeforeEach
  void drop_shop() throws SQLException {
    Sql.execute(DATA, "DROP SCHEMA IF EXISTS shop");
  }

  @Test
  void the_shop_is_created_once() throws SQLException {
    List<Long> steps = new ArrayList<>();
    assertTrue(shop.create(25_000, steps::add));
    assertEquals(List.of(10_000L, 20_000L, 25_000L), steps);
    assertEquals(25_000, Sql.number(DATA, "SELECT COUNT(*) FROM shop.item"));
    assertEquals(4, Sql.number(DATA, "SELECT COUNT(DISTINCT project) FROM shop.item"));
    assertFalse(shop.create(25_000, steps::add));
    assertEquals(3, steps.size());
  }

  @Test
  void an_incomplete_shop_is_completed() throws SQLException {
    shop.create(10_000, done -> {});
    assertTrue(shop.create(12_345, done -> {}));
    assertEquals(12_345, Sql.number(DATA, "SELECT COUNT(*) FROM shop.item"));
  }

  @Test
  void tasks_are_rejected_without_a_shop() throws SQLException {
    try (Connection connection = DATA.getConnection()) {
      RoundPrices.Parameters ending = new RoundPrices.Parameters(new BigDecimal("0.99"));
      CountStock.Parameters status = new CountStock.Parameters("active");
      assertThrows(Refusal.class, () -> new RoundPrices().check(ending, "spring-sale", connection));
      assertThrows(
          Refusal.class, () -> new CountStock(DATA).check(status, "spring-sale", connection));
      shop.create(1, done -> {});
      new RoundPrices().check(ending, "spring-sale", connection);
    }
  }

  @Test
  void only_prices_of_the_project_are_rounded() throws SQLException {
    shop.create(5_000, done -> {});
    long expected =
        Sql.number(DATA, "SELECT COUNT(*) FROM shop.item WHERE project = 'spring-sale'");
    try (Connection connection = DATA.getConnection()) {
      ChunkedRun run =
          new RoundPrices()
              .open(new RoundPrices.Parameters(new BigDecimal("0.99")), "spring-sale", connection);
      String end = run.extent(connection).orElseThrow().end();
      String after = null;
      long scanned = 0;
      long changed = 0;
      while (!end.equals(after)) {
        Chunk chunk = run.next(connection, after, end, 700);
        changed += run.apply(connection, chunk);
        scanned += chunk.rows();
        after = chunk.upTo();
      }
      assertEquals(5_000, scanned);
      assertEquals(expected, changed);
    }
    assertEquals(
        0,
        Sql.number(
            DATA,
            "SELECT COUNT(*) FROM shop.item WHERE project = 'spring-sale' AND price % 1 <> 0.99"));
    assertTrue(
        Sql.number(
                DATA,
                "SELECT COUNT(*) FROM shop.item WHERE project = 'outlet' AND price % 1 <> 0.99")
            > 0);
  }

  @Test
  void an_empty_shop_has_nothing_to_round() throws SQLException {
    shop.create(0, done -> {});
    try (Connection connection = DATA.getConnection()) {
      ChunkedRun run =
          new RoundPrices()
              .open(new RoundPrices.Parameters(new BigDecimal("0.99")), "spring-sale", connection);
      assertEquals(Optional.empty(), run.extent(connection));
    }
  }

  @Test
  void stock_is_counted_from_the_checkpoint_on() throws SQLException {
    shop.create(5_000, done -> {});
    Context first = new Context(null, 3);
    new CountStock(DATA).run(first);
    assertEquals(3, Sql.number(DATA, "SELECT COUNT(*) FROM shop.stock_count"));
    Context second = new Context(first.checkpoint, Integer.MAX_VALUE);
    new CountStock(DATA).run(second);
    assertEquals(5, second.saves);
    assertEquals(8, Sql.number(DATA, "SELECT COUNT(*) FROM shop.stock_count"));
    assertEquals(
        Sql.number(DATA, "SELECT SUM(stock) FROM shop.item WHERE status = 'active'"),
        Sql.number(DATA, "SELECT SUM(stock) FROM shop.stock_count"));
    assertEquals(second.total, first.scanned + second.scanned);
  }

  /** Requests a stop after a number of checkpoints. */
  private static final class Context implements PlainContext<CountStock.Parameters> {

    private final int stopAfter;
    private String checkpoint;
    private int saves;
    private long scanned;
    private long total;

    Context(String checkpoint, int stopAfter) {
      this.checkpoint = checkpoint;
      this.stopAfter = stopAfter;
    }

    @Override
    public long batch() {
      return 1;
    }

    @Override
    public String project() {
      return "spring-sale";
    }

    @Override
    public CountStock.Parameters parameters() {
      return new CountStock.Parameters("active");
    }

    @Override
    public Optional<String> checkpoint() {
      return Optional.ofNullable(checkpoint);
    }

    @Override
    public void total(long rows) {
      total = rows;
    }

    @Override
    public void save(String reached, long rowsScanned, long rowsChanged) {
      checkpoint = reached;
      scanned += rowsScanned;
      saves++;
    }

    @Override
    public boolean stopRequested() {
      return saves >= stopAfter;
    }
  }
}
