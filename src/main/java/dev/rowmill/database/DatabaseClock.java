package dev.rowmill.database;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/**
 * Provides the database's time in milliseconds, so that the clocks of the nodes don't matter.
 * Queries it periodically, and extrapolates by {@link System#nanoTime} between the queries. Of
 * several samples the fastest counts, as its error bound is the smallest (Cristian, "Probabilistic
 * clock synchronization", 1989). Safe for many threads.
 */
public final class DatabaseClock extends Clock {

  private static final Logger LOG = Logger.getLogger(DatabaseClock.class);

  private static final int SAMPLES = 3;
  private static final long SECONDS_BETWEEN = 10;

  /** Relates the database's time to this JVM's {@link System#nanoTime}. */
  private record Reading(Instant time, long nanos) {
    Instant now() {
      return time.plusNanos(System.nanoTime() - nanos);
    }
  }

  private record Sample(Reading reading, long took) {}

  private final DataSource database;
  private volatile Reading reading;

  /**
   * Reads the database's time, and continues to do so periodically on a thread of its own.
   *
   * @throws IllegalStateException when the database does not respond
   */
  public DatabaseClock(DataSource database) {
    this.database = database;
    try {
      reading = read();
    } catch (SQLException e) {
      throw new IllegalStateException("the database's time can't be read", e);
    }
    Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("rowmill-clock", true))
        .scheduleWithFixedDelay(this::refresh, SECONDS_BETWEEN, SECONDS_BETWEEN, TimeUnit.SECONDS);
  }

  private void refresh() {
    try {
      Reading before = reading;
      Reading after = read();
      Duration moved = Duration.between(before.now(), after.now());
      if (moved.abs().toSeconds() >= 1) {
        LOG.warnf("The database's clock was changed by %s", moved);
      }
      reading = after;
    } catch (SQLException | RuntimeException e) {
      LOG.debug("The database's time can't be read; the last reading remains in use", e);
    }
  }

  /**
   * Returns how far the database's clock is ahead of another clock; negative where it is behind.
   */
  public static Duration ahead(Connection connection, Clock other) throws SQLException {
    Instant database = read(connection).now();
    return Duration.between(other.instant(), database);
  }

  private Reading read() throws SQLException {
    try (Connection connection = database.getConnection()) {
      return read(connection);
    }
  }

  private static Reading read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      Sample best = read(statement);
      for (int i = 1; i < SAMPLES; i++) {
        Sample next = read(statement);
        best = next.took < best.took ? next : best;
      }
      return best.reading;
    }
  }

  private static Sample read(Statement statement) throws SQLException {
    long before = System.nanoTime();
    try (ResultSet row = statement.executeQuery("SELECT CAST(UTC_TIMESTAMP(6) AS CHAR)")) {
      row.next();
      long took = System.nanoTime() - before;
      Instant time =
          LocalDateTime.parse(row.getString(1).replace(' ', 'T')).toInstant(ZoneOffset.UTC);
      return new Sample(new Reading(time, before + took / 2), took);
    }
  }

  @Override
  public Instant instant() {
    return reading.now().truncatedTo(ChronoUnit.MILLIS);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  /** Rejects any other zone: all times are in UTC. */
  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("all times are in UTC");
  }
}
