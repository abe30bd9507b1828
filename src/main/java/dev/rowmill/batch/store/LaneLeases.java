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
 * Lanes that the run of a batch has lent to other nodes. A lane has one holder at a time: the
 * batch's own run, or whoever has taken it by its loan. Each change of hands raises the lane's
 * epoch, so that who had it before, or saw it before, can write no more. Safe for many threads and
 * nodes; every method is a transaction on the control pool, and written to bear being repeated.
 *
 * <p>All throw a runtime exception with the SQL error among its causes when the database can't be
 * reached.
 */
@ApplicationScoped
public class LaneLeases {

  private static final String TAKE_BACK =
      "UPDATE lane SET epoch = epoch + 1, loan = NULL, share_wanted = NULL WHERE batch";

  private static final String LOOK =
      "SELECT lane.*, batch.epoch AS run FROM lane JOIN batch ON batch.id = lane.batch"
          + " WHERE batch.id = ? ORDER BY lane";

  /**
   * A lane as the batch's own run sees it.
   *
   * @param isLent whether somebody else has it, or is about to
   * @param isTaken whether it is lent, and somebody has begun with it
   * @param share whether its holder is to share its rest: true when asked, false when that was
   *     refused, null else
   * @param failure why its holder could not go on
   */
  public record Seen(
      LaneState lane,
      boolean isLent,
      boolean isTaken,
      @Nullable Boolean share,
      @Nullable Failure failure) {}

  /** A lane by its number. */
  public record Lane(long batch, int lane) {}

  private final ControlTransactions transactions;
  private final Instance<LaneLauncher> launchers;

  LaneLeases(ControlTransactions transactions, @Any Instance<LaneLauncher> launchers) {
    this.transactions = transactions;
    this.launchers = launchers;
  }

  /**
   * All lanes of a batch, each with who has it as of the same moment.
   *
   * @param run the epoch of the run that asks
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

  /** Lends a lane, and launches it. Does nothing when it has changed hands since it was seen. */
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
   * Takes a lane that was lent; also one whose taker has died, which is shut out then.
   *
   * @return all lanes of the batch, its own among them; empty when there is nothing to do
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
   * Gives a lane back to the batch's own run. Does nothing for one that has been taken from its
   * holder.
   *
   * @param failure why the holder could not go on; null for no reason
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
   * Takes a lane from whoever has it; what that one has in hand is rolled back. Does nothing when
   * the lane has changed hands since it was seen.
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
   * Shuts out whoever may work on batches, in the caller's transaction; what they have in hand is
   * rolled back.
   */
  static void shutOut(Connection connection, Collection<Long> batches) throws SQLException {
    for (Long batch : batches) {
      // Those alone that other nodes work on: a run has given its own connections back by now.
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

  /** Asks the holder of a lane to share its rest. */
  public void askToShare(Lane lane) {
    setShare(lane, true, "loan IS NOT NULL AND share_wanted IS NULL");
  }

  /** Says that a lane's rest is too small to be shared. */
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

  /** Those lanes of batches whose holders are asked to share. */
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
