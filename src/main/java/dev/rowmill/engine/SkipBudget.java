package dev.rowmill.engine;

import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.OnError;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.store.Checkpoints;
import dev.rowmill.batch.store.SkippedRows.Note;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.Refusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts how many more rows a batch may pass over, on all its lanes and in all its runs. The counts
 * are those of the stored checkpoints, so they hold on every node.
 */
record SkipBudget(OnError rules) {

  /**
   * Holds the state of a budget.
   *
   * @param most rows that the batch may pass over
   * @param skipped rows that its lanes have passed over, without the current chunk
   */
  record Left(long most, long skipped) {
    long rows() {
      return Math.max(0, most - skipped);
    }
  }

  /**
   * Returns what is left for a chunk of a lane.
   *
   * @param locked whether no other lane may use it until the end of the transaction
   */
  Left left(Connection connection, LaneState lane, Chunk chunk, boolean locked)
      throws SQLException {
    List<Progress> others = Checkpoints.others(connection, lane, locked);
    Progress all = others.stream().reduce(lane.progress(), Progress::plus);
    long scanned = all.rowsScanned() + chunk.rows();
    Long total = all.rowsTotal();
    long rows = total == null ? scanned : Math.max(total, scanned);
    return new Left(rules.budget(rows), all.rowsSkipped());
  }

  /** Returns the failure of a batch at a row that exceeds its budget. */
  static Refusal exceeded(Left left, long skipped, Note row) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("maxSkipped", left.most());
    members.put("skipped", left.skipped() + skipped);
    members.put("key", row.row().json());
    members.put("message", row.message());
    members.put("errorCode", row.error());
    if (row.sqlState() != null) {
      members.put("sqlState", row.sqlState());
    }
    return new Refusal("too-many-skipped", members);
  }
}
