package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Claim;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.LaneState;
import dev.rowmill.database.ControlTransactions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Manages the leases of lanes: the run of a batch lends lanes to other nodes. A lane has one holder
 * at a time: the batch's own run, or the node that has taken the lease. Each change of holder
 * raises the lane's epoch, so an earlier holder can no longer write. Safe for many threads and
 * nodes; every method is one transaction on the control pool, and may be repeated.
 *
 * <p>All methods throw a runtime exception with the SQL error among its causes when the database
 * can't be reached.
 */
@ApplicationScoped
public class LaneLeases {

  private static final String TAKE_BACK =
      "UPDATE lane SET epoch = epoch + 1, loan = NULL, share_wanted = NULL WHERE batch";

  private static final String LOOK =
      "SELECT lane.*, batch.epoch AS run FROM lane JOIN batch ON batch.id = lane.batch"
          + " WHERE batch.id = ? ORDER BY lane";

  /**
   * Represents a lane as seen by the batch's own run.
   *
   * @param isLent whether another node holds the lane, or is about to
   * @param isTaken whether a node has taken the lent lane
   * @param share true when the holder is requested to share the rest of the lane, false when it has
   *     declined, otherwise null
   * @param failure reason why its holder could not continue; null for none
   */
  public record Seen(
      LaneState lane,
      boolean isLent,
      boolean isTaken,
      @Nullable Boolean share,
      @Nullable Failure failure) {}

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
    return transactions.read(
        connection -> {
          List<Seen> seen = new ArrayList<>();
          try (PreparedStatement select = connection.prepareStatement(LOOK)) {
            select.setLong(1, batch);
            try (ResultSet row = select.executeQuery()) {
              while (row.next()) {
                if (row.getInt("run") != run) {
                  return Optional.empty();
                }
                seen.add(seen(row, batch));
              }
            }
          }
          return Optional.of(seen);
        });
  }

  private static Seen seen(ResultSet row, long batch) throws SQLException {
    int loan = row.getInt("loan");
    boolean lent = !row.wasNull();
    boolean share = row.getBoolean("share_wanted");
    Boolean asked = row.wasNull() ? null : Boolean.valueOf(share);
    String failure = row.getString("failure");
    return new Seen(
        Checkpoints.lane(row, batch, row.getInt("epoch")),
        lent,
        lent && row.getInt("epoch") > loan,
        asked,
        failure == null ? null : Failure.fromJson(failure));
  }

  /**
   * Lends a lane and launches it. Does nothing if the lane has changed its holder since it was
   * read.
   */
  public void lend(LaneState lane) {
    int loan = lane.epoch() + 1;
    transactions.sql(
        connection -> {
          boolean lent =
              update(
                      connection,
                      "UPDATE lane SET epoch = ?, loan = ?, share_wanted = NULL, failure = NULL"
                          + " WHERE batch = ? AND lane = ? AND epoch = ? AND loan IS NULL",
                      loan,
                      loan,
                      lane.batch(),
                      lane.lane(),
                      lane.epoch())
                  == 1;
          if (lent) {
            for (LaneLauncher launcher : launchers) {
              launcher.launch(connection, lane.batch(), lane.lane(), loan);
            }
          }
          return lent;
        });
  }

  /**
   * Takes a lent lane. A previous taker that has died is fenced out.
   *
   * @return all lanes of the batch, including the taken one; empty when there is nothing to do
   */
  public Optional<Claim> take(long batch, int lane, int loan) {
    return transactions.sql(
        connection -> {
          Optional<BatchView> view = BatchRows.view(connection, batch);
          boolean wanted =
              view.filter(it -> it.status() == BatchStatus.RUNNING && it.wanted() == null)
                  .isPresent();
          RunLocks.closeHolder(connection, batch, lane);
          if (!wanted) {
            update(
                connection,
                "UPDATE lane SET epoch = epoch + 1, loan = NULL"
                    + " WHERE batch = ? AND lane = ? AND loan = ?",
                batch,
                lane,
                loan);
            return Optional.empty();
          }
          int taken =
              update(
                  connection,
                  "UPDATE lane SET epoch = epoch + 1 WHERE batch = ? AND lane = ? AND loan = ?",
                  batch,
                  lane,
                  loan);
          return taken == 0
              ? Optional.empty()
              : Optional.of(new Claim(view.orElseThrow(), Checkpoints.lanes(connection, batch)));
        });
  }

  /**
   * Returns a lane to the batch's own run. Does nothing if the lane has been taken from its holder.
   *
   * @param failure reason why the holder could not continue; null for none
   */
  public void giveBack(LaneState lane, @Nullable Failure failure) {
    transactions.sql(
        connection ->
            update(
                connection,
                "UPDATE lane SET epoch = epoch + 1, loan = NULL, share_wanted = NULL, failure = ?"
                    + " WHERE batch = ? AND lane = ? AND epoch = ? AND loan IS NOT NULL",
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
          return update(
              connection,
              TAKE_BACK + " = ? AND lane = ? AND epoch = ? AND loan IS NOT NULL",
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
      // Only lent lanes: a run has returned its own connections by now.
      for (Lane lane : lent(connection, batch)) {
        RunLocks.closeHolder(connection, lane.batch, lane.lane);
      }
      update(connection, TAKE_BACK + " = ?", batch);
    }
  }

  private static List<Lane> lent(Connection connection, long batch) throws SQLException {
    List<Lane> lanes = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT lane FROM lane WHERE batch = ? AND loan IS NOT NULL ORDER BY lane")) {
      select.setLong(1, batch);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          lanes.add(new Lane(batch, row.getInt(1)));
        }
      }
    }
    return lanes;
  }

  /** Requests that the holder of a lane shares its rest. */
  public void requestShare(Lane lane) {
    setShare(lane, true, "loan IS NOT NULL AND share_wanted IS NULL");
  }

  /** Records that the rest of a lane is too small to be shared. */
  public void refuseToShare(Lane lane) {
    setShare(lane, false, "share_wanted");
  }

  private void setShare(Lane lane, boolean share, String where) {
    transactions.sql(
        connection ->
            update(
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
        connection -> {
          Set<Lane> lanes = new HashSet<>();
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT batch, lane FROM lane WHERE share_wanted AND batch IN "
                      + BatchRows.list(batches.size()))) {
            BatchRows.bind(select, 1, batches);
            try (ResultSet row = select.executeQuery()) {
              while (row.next()) {
                lanes.add(new Lane(row.getLong(1), row.getInt(2)));
              }
            }
          }
          return lanes;
        });
  }

  private static int update(Connection connection, String sql, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      BatchRows.bind(statement, 1, Arrays.asList(values));
      return statement.executeUpdate();
    }
  }
}
