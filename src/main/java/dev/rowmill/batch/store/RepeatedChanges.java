package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.NotUndoable;
import dev.rowmill.database.Rows;
import dev.rowmill.task.Refusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds the batches that have repeated the changes of others, as the undos of their undos. Locks
 * them, so that none is undone at the same time. Holds what it has read; for one thread.
 */
final class RepeatedChanges {

  /** Holds the undos of a batch, by its id. */
  private final Map<Long, List<BatchView>> undos = new HashMap<>();

  /**
   * @param batches locked batches
   */
  RepeatedChanges(Connection connection, List<BatchView> batches) throws SQLException {
    List<BatchView> undoable = batches;
    while (!undoable.isEmpty()) {
      undoable = undosOf(connection, undosOf(connection, undoable, ""), " FOR UPDATE");
      BatchRows.countLock(connection, undoable.stream().map(BatchView::id).toList());
    }
  }

  private List<BatchView> undosOf(Connection connection, List<BatchView> batches, String lock)
      throws SQLException {
    if (batches.isEmpty()) {
      return List.of();
    }
    List<BatchView> found =
        BatchRows.withDetails(
            connection,
            BatchRows.select(
                connection,
                "WHERE undoes IN " + Rows.list(batches.size()) + " ORDER BY id" + lock,
                batches.stream().map(BatchView::id).toList()));
    for (BatchView undo : found) {
      long undone = Objects.requireNonNull(undo.spec().work().undoes());
      undos.computeIfAbsent(undone, id -> new ArrayList<>()).add(undo);
    }
    return found;
  }

  /**
   * Returns the batch whose undo takes back the change of a step; empty when the step is undone.
   *
   * @throws Refusal {@code not-undoable} when an undo is active, or when several batches would have
   *     to be undone for that
   */
  Optional<BatchView> inForce(BatchView step) {
    BatchView batch = step;
    while (true) {
      List<BatchView> restored = changed(step, batch);
      List<BatchView> repeated = new ArrayList<>();
      for (BatchView undo : restored) {
        repeated.addAll(changed(step, undo));
      }
      if (repeated.isEmpty()) {
        return Optional.of(batch).filter(it -> it.undoneBy() == null);
      }
      BatchView repetition = repeated.get(0);
      BatchView undo = restored.get(0);
      if (restored.size() > 1
          || repeated.size() > 1
          || !Objects.equals(batch.undoneBy(), undo.id())
          || !Objects.equals(undo.undoneBy(), repetition.id())) {
        throw NotUndoable.of(step, "repeated-in-part");
      }
      batch = repetition;
    }
  }

  /** Returns the undos of a batch that have changed rows. */
  private List<BatchView> changed(BatchView step, BatchView batch) {
    List<BatchView> all = undos.getOrDefault(batch.id(), List.of());
    if (all.stream().anyMatch(undo -> !undo.status().isFinal())) {
      throw NotUndoable.of(step, "undo-active");
    }
    return all.stream().filter(undo -> undo.progress().rowsChanged() > 0).toList();
  }
}
