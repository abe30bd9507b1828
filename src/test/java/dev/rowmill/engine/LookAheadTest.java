package dev.rowmill.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
import dev.rowmill.testing.DatabaseResource;
import io.agroal.api.AgroalDataSource;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class LookAheadTest {

  /** Represents chunks of a fixed length. */
  private static final class Counting implements ChunkedRun {
    final AtomicInteger searches = new AtomicInteger();
    volatile CountDownLatch gate = new CountDownLatch(0);
    volatile String sql = "SELECT @@autocommit";

    @Override
    public Optional<Extent> extent(Connection connection) {
      throw new AssertionError("only the next chunk is searched");
    }

    @Override
    public Chunk next(Connection connection, @Nullable String after, String end, int rows)
        throws SQLException {
      searches.incrementAndGet();
      try (Statement statement = connection.createStatement()) {
        gate.await();
        statement.execute(sql);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      return new Chunk(after, String.valueOf(Integer.parseInt(after) + rows), rows);
    }

    @Override
    public long apply(Connection connection, Chunk chunk) {
      throw new AssertionError("only the next chunk is searched");
    }
  }

  @Inject
  @DataSource("data")
  AgroalDataSource pool;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Counting work = new Counting();
  private final AtomicLong now = new AtomicLong();
  private SideConnection side;
  private LookAhead ahead;

  @BeforeEach
  void open() {
    // Runs of other tests return theirs up to a quarter of a second later.
    Awaitility.await().until(() -> pool.getMetrics().activeCount() == 0);
    side = new SideConnection(pool, threads);
    ahead = new LookAhead(side, now::get);
  }

  @AfterEach
  void leavesNoConnectionBehind() {
    side.close();
    threads.shutdownNow();
    assertEquals(0, pool.getMetrics().activeCount());
  }

  private void begin(int rows) {
    ahead.begin(work, "10", "100", rows);
  }

  @Test
  void a_result_is_returned_once() throws Exception {
    begin(5);

    assertEquals(Optional.of(new Chunk("10", "15", 5)), ahead.take("10", "100", 5));
    assertEquals(Optional.empty(), ahead.take("10", "100", 5));
    assertEquals(1, work.searches.get());
  }

  @Test
  void without_a_request_nothing_is_searched() throws Exception {
    assertEquals(Optional.empty(), ahead.take(null, "100", 5));
    assertEquals(0, work.searches.get());
  }

  @Test
  void a_result_for_another_position_is_discarded() throws Exception {
    begin(5);
    assertEquals(Optional.empty(), ahead.take("9", "100", 5));
    begin(5);
    assertEquals(Optional.empty(), ahead.take(null, "100", 5));
    begin(5);
    assertEquals(Optional.empty(), ahead.take("10", "60", 5));
  }

  @Test
  void a_chunk_far_larger_than_requested_is_discarded() throws Exception {
    begin(10);
    assertEquals(Optional.empty(), ahead.take("10", "100", 7));
    begin(10);
    assertEquals(Optional.of(new Chunk("10", "20", 10)), ahead.take("10", "100", 8));
  }

  @Test
  void an_old_result_is_discarded() throws Exception {
    begin(5);
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));

    assertEquals(Optional.empty(), ahead.take("10", "100", 5));
  }

  @Test
  void after_an_error_the_connection_is_returned_and_searches_pause() throws Exception {
    work.sql = "SELECT nobody FROM nowhere";
    begin(5);
    assertEquals(Optional.empty(), ahead.take("10", "100", 5));
    assertEquals(0, pool.getMetrics().activeCount());

    work.sql = "SELECT 1";
    begin(5);
    assertEquals(Optional.empty(), ahead.take("10", "100", 5));
    assertEquals(1, work.searches.get());

    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    begin(5);
    assertTrue(ahead.take("10", "100", 5).isPresent());
  }

  @Test
  void closing_waits_for_the_current_search() {
    work.gate = new CountDownLatch(1);
    begin(5);
    threads.execute(
        () -> {
          while (work.searches.get() == 0) {
            Thread.onSpinWait();
          }
          work.gate.countDown();
        });

    side.close();

    assertEquals(0, work.gate.getCount());
    assertEquals(0, pool.getMetrics().activeCount());
  }

  @Test
  void a_stopping_service_does_not_look_ahead() throws Exception {
    threads.shutdown();
    begin(5);

    assertEquals(Optional.empty(), ahead.take("10", "100", 5));
  }
}
