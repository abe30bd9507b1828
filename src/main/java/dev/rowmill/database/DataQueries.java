package dev.rowmill.database;

import io.quarkus.agroal.DataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;

/** Runs queries on the pool of the data. Safe for many threads. */
@ApplicationScoped
public class DataQueries {

  private static final int TRIES = 3;

  /** Runs a query on a connection. */
  public interface Query<T> {
    T run(Connection connection) throws SQLException;
  }

  private final javax.sql.DataSource data;

  DataQueries(@DataSource("data") javax.sql.DataSource data) {
    this.data = data;
  }

  /**
   * Runs a query, and repeats it on another connection after a transient error, unless the database
   * is unreachable. Blocks.
   *
   * @throws IllegalStateException with the SQL error as its cause
   */
  public <T> T query(Query<T> query) {
    for (int tries = 1; ; tries++) {
      try (Connection connection = data.getConnection()) {
        return query.run(connection);
      } catch (SQLException e) {
        if (tries == TRIES
            || DatabaseFailure.of(e)
                .filter(f -> f.isTransient() && f != DatabaseFailure.UNREACHABLE)
                .isEmpty()) {
          throw new IllegalStateException("the data can't be queried", e);
        }
      }
    }
  }
}
