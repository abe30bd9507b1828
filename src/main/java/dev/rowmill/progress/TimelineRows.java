package dev.rowmill.progress;

import dev.rowmill.batch.StoredJson;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** Reads and writes the rows of the timelines. Stateless. */
@ApplicationScoped
class TimelineRows {

  // A node that was frozen has older data than the node that resumed its batch.
  private static final String WRITE =
      "INSERT INTO timeline (batch, chunks, written_at, steps) VALUES (?, ?, UTC_TIMESTAMP(3), ?)"
          + " ON DUPLICATE KEY UPDATE steps = IF(VALUES(chunks) >= chunks, VALUES(steps), steps),"
          + " written_at = VALUES(written_at), chunks = GREATEST(chunks, VALUES(chunks))";

  private static final String DELETE_OLD =
      "DELETE FROM timeline WHERE written_at < UTC_TIMESTAMP(3) - INTERVAL ? SECOND LIMIT ?";

  /**
   * Writes the timeline of a batch, unless the stored one covers more chunks.
   *
   * @param chunks number of the batch's chunks in this timeline
   */
  int write(Connection connection, long batch, long chunks, StoredTimeline timeline)
      throws SQLException {
    return Rows.update(connection, WRITE, batch, chunks, StoredJson.write(timeline));
  }

  /** Returns the timeline of a batch; empty where none is stored. */
  Optional<StoredTimeline> find(Connection connection, long batch) throws SQLException {
    return Rows.first(
        connection,
        "SELECT steps FROM timeline WHERE batch = ?",
        row -> StoredJson.read(row.getString(1), StoredTimeline.class),
        batch);
  }

  /** Deletes a limited number of rows that were written longer ago than an age. */
  int deleteOlder(Connection connection, Duration age, int most) throws SQLException {
    return Rows.update(connection, DELETE_OLD, age.toSeconds(), most);
  }
}
