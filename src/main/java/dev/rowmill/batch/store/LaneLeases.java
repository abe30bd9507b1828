package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Claim;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.LaneState;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Manages the leases of lanes: the run of a batch leases lanes to other nodes. A lane has one
 * holder at a time: the batch's own run, or the node that has taken the lease. Each change of
 * holder raises the lane's epoch, so an earlier holder can no longer write. Safe for many threads
 * and nodes; every method is one transaction on the control pool, and may be repeated.
 *
 * <p>All methods throw a runtime exception with the SQL error among its causes when the database
 * can't be reached.
 */
@ApplicationScoped
public class LaneLeases {

  private static final String REVOKE =
      "UPDATE lane SET epoch = epoch + 1, lease = NULL, share_wanted = NULL WHERE batch";

  private static final String LOOK =
      "SELECT "
          + Checkpoints.COLUMNS
          + ", lease, share_wanted, failure,"
          + " (SELECT epoch FROM batch WHERE id = lane.batch) AS run"
          + " FROM lane WHERE batch = ? ORDER BY lane";

  /**
   * Represents a lane as seen by the batch's own run.
   *
   * @param isLeased whether another node holds the lane, or is about to
   * @param isTaken whether a node has taken the leased lane
   * @param share true when the holder is requested to share the rest of the lane, false when it has
   *     declined, otherwise null
   * @param failure reason why its holder could not continue; null for none
   */
  public record Seen(
      LaneState lane,
      boolean isLeased,
      boolean isTaken,
      @Nullable Boolean share,
      @Nullable Failure failure) {}

  /**
   * @param run newest epoch of the batch
   */
  private record Row(int run, Seen lane) {}

  /** Identifies a lane by its batch and number. */
  public record Lane(long batch, int lane) {}

  private final ControlTransactions transactions;
  private final Instance<LaneLauncher> launchers;

  LaneLeases(ControlTransactions transactions, @Any Instance<LaneLauncher> launchers) {
    this.transactions = transactions;
    this.launchers = launchers;
  }

  /**
   * Returns all lanes of a batch with their holders, in one consistent read.
   *
   * @param run epoch of the calling run
   * @return empty when a newer run has taken over
   */
  public Optional<List<Seen>> look(long batch, int run) {
    List<Row> rows =
        transactions.read(
            connection ->
                Rows.query(connection, LOOK, row -> new Row(row.getInt("run"), seen(row)), batch));
    return rows.stream().allMatch(row -> row.run == run)
        ? Optional.of(rows.stream().map(Row::lane).toList())
        : Optional.empty();
  }

  private static Seen seen(ResultSet row) throws SQLException {
    Integer lease = row.getObject("lease", Integer.class);
    String failure = row.getString("failure");
    return new Seen(
        Checkpoints.lane(row),
        lease != null,
        lease != null && row.getInt("epoch") > lease,
        row.getObject("share_wanted", Boolean.class),
        failure == null ? null : Failure.fromJson(failure));
  }

  /**
   * Leases a lane and launches it. Does nothing if the lane has changed its holder since it was
   * read.
   */
  public void lease(LaneState lane) {
    int lease = lane.epoch() + 1;
    transactions.sql(
        connection -> {
          boolean leased =
              Rows.update(
                      connection,
                      "UPDATE lane SET epoch = ?, lease = ?, share_wanted = NULL, failure = NULL"
                          + " WHERE batch = ? AND lane = ? AND epoch = ? AND lease IS NULL",
                      lease,
                      lease,
                      lane.batch(),
                      lane.lane(),
                      lane.epoch())
                  == 1;
          if (leased) {
            for (LaneLauncher launcher : launchers) {
              launcher.launch(connection, lane.batch(), lane.lane(), lease);
            }
          }
          return leased;
        });
  }

  /**
   * Takes a leased lane. A previous taker that has died is fenced out.
   *
   * @return all lanes of the batch, including the taken one; empty when there is nothing to do
   */
  public Optional<Claim> take(long batch, int lane, int lease) {
    return transactions.sql(
        connection -> {
          Optional<BatchView> view = BatchRows.find(connection, batch);
          boolean wanted =
              view.filter(it -> it.status() == BatchStatus.RUNNING && it.wanted() == null)
                  .isPresent();
          RunLocks.closeHolder(connection, batch, lane);
          int taken =
              Rows.update(
                  connection,
                  "UPDATE lane SET epoch = epoch + 1"
                      + (wanted ? "" : ", lease = NULL")
                      + " WHERE batch = ? AND lane = ? AND lease = ?",
                  batch,
                  lane,
                  lease);
          return wanted && taken > 0
              ? Optional.of(new Claim(view.orElseThrow(), Checkpoints.lanes(connection, batch)))
              : Optional.empty();
        });
  }

  /**
   * Returns a lane to the batch's own run. Does nothing if the lane has been taken from its holder.
   *
   * @param failure reason why the holder could not continue; null for none
   * @return number of returned lanes
   */
  public int release(LaneState lane, @Nullable Failure failure) {
    return transactions.sql(
        connection ->
            Rows.update(
                connection,
                "UPDATE lane SET epoch = epoch + 1, lease = NULL, share_wanted = NULL, failure = ?"
                    + " WHERE batch = ? AND lane = ? AND epoch = ? AND lease IS NOT NULL",
                failure == null ? null : failure.toJson(),
                lane.batch(),
                lane.lane(),
                lane.epoch()));
  }

  /**
   * Takes a lane back from its holder, whose current transaction is rolled back. Does nothing if
   * the lane has changed its holder since it was read.
   */
  public void takeBack(LaneState seen) {
    transactions.sql(
        connection -> {
          RunLocks.closeHolder(connection, seen.batch(), seen.lane());
          return Rows.update(
              connection,
              REVOKE + " = ? AND lane = ? AND epoch = ? AND lease IS NOT NULL",
              seen.batch(),
              seen.lane(),
              seen.epoch());
        });
  }

  /**
   * Fences out all holders of the lanes of batches, in the caller's transaction. Their current
   * transactions are rolled back.
   */
  static void fenceOut(Connection connection, Collection<Long> batches) throws SQLException {
    for (Long batch : batches) {
      // Only leased lanes: a run has returned its own connections by now.
      for (int lane : leased(connection, batch)) {
        RunLocks.closeHolder(connection, batch, lane);
      }
      Rows.update(connection, REVOKE + " = ?", batch);
    }
  }

  private static List<Integer> leased(Connection connection, long batch) throws SQLException {
    return Rows.query(
        connection,
        "SELECT lane FROM lane WHERE batch = ? AND lease IS NOT NULL ORDER BY lane",
        row -> row.getInt(1),
        batch);
  }

  /** Requests that the holder of a lane shares its rest. */
  public void requestShare(Lane lane) {
    setShare(lane, true, "lease IS NOT NULL AND share_wanted IS NULL");
  }

  /** Records that the rest of a lane is too small to be shared. */
  public void refuseToShare(Lane lane) {
    setShare(lane, false, "share_wanted");
  }

  private void setShare(Lane lane, boolean share, String where) {
    transactions.sql(
        connection ->
            Rows.update(
                connection,
                "UPDATE lane SET share_wanted = ? WHERE batch = ? AND lane = ? AND " + where,
                share,
                lane.batch(),
                lane.lane()));
  }

  /** Returns the lanes of batches whose holders are requested to share. */
  public Set<Lane> toShare(Collection<Long> batches) {
    if (batches.isEmpty()) {
      return Set.of();
    }
    return transactions.read(
        connection ->
            Set.copyOf(
                Rows.query(
                    connection,
                    "SELECT batch, lane FROM lane WHERE share_wanted AND batch IN "
                        + Rows.list(batches.size()),
                    row -> new Lane(row.getLong(1), row.getInt(2)),
                    batches)));
  }
}
