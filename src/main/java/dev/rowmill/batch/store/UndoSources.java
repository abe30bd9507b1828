package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.ChainStep;
import dev.rowmill.batch.ChainView;
import dev.rowmill.database.Rows;
import dev.rowmill.task.Refusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Locks the batches and chains that undos restore, in the transaction that stores the undos or
 * queues them again. A retry of these batches locks the same rows, so it and an undo never both
 * succeed. Chains are locked before batches. Stateless.
 */
final class UndoSources {

  private UndoSources() {}

  /**
   * Locks a chain and its steps, and checks that no undo of a step is active, nor a retry of its
   * skipped rows.
   *
   * @return the locked chain
   * @throws NoSuchElementException when there is no such chain
   * @throws Refusal {@code not-undoable} when one of these is active, with the name of the step as
   *     member {@code step}
   */
  static ChainView lock(Connection connection, long id) throws SQLException {
    lockChain(connection, id);
    List<Long> steps =
        Rows.query(connection, "SELECT id FROM batch WHERE chain = ?", row -> row.getLong(1), id);
    for (BatchView step : BatchRows.lock(connection, steps)) {
      if (Sources.hasActiveUndo(connection, step, "")) {
        throw notUndoable(step, "undo-active");
      } else if (Sources.hasActiveRetry(connection, step)) {
        throw notUndoable(step, "skipped-retry-active");
      }
    }
    return ChainStore.find(connection, id).orElseThrow();
  }

  private static void lockChain(Connection connection, long id) throws SQLException {
    if (!Sources.isFound(connection, "SELECT 1 FROM chain WHERE id = ? FOR UPDATE", id)) {
      throw new NoSuchElementException();
    }
  }

  /**
   * Locks the source of an undo that is about to be stored, and checks that it is not active and
   * that no undo of its chain is about to restore it. Does nothing for other batches.
   *
   * @throws NoSuchElementException when there is no such source
   * @throws Refusal {@code not-undoable} when it can't be undone now
   */
  static void check(Connection connection, BatchSpec spec) throws SQLException {
    Long undoes = spec.work().undoes();
    if (undoes != null) {
      checkSource(connection, undoes, " AND chain IS NOT NULL");
    }
  }

  /**
   * Locks the chain that an undo of a chain restores, when the batch is one of its steps. Does
   * nothing for other batches.
   */
  static void lockChainOf(Connection connection, long batch) throws SQLException {
    Optional<Long> chain =
        Rows.first(
            connection,
            "SELECT c.undo_of FROM batch b JOIN chain c ON c.id = b.chain"
                + " WHERE b.id = ? AND c.undo_of IS NOT NULL",
            row -> row.getLong(1),
            batch);
    if (chain.isPresent()) {
      lockChain(connection, chain.get());
    }
  }

  /**
   * Locks the source of an undo that is about to be retried, and checks that it is not active, nor
   * any other step of a chain that is undone with it, nor another undo of it. Does nothing for
   * other batches.
   *
   * @throws Refusal {@code not-undoable} when it can't be undone now
   */
  static void checkRetry(Connection connection, BatchView undo) throws SQLException {
    Long undoes = undo.spec().work().undoes();
    if (undoes == null) {
      return;
    }
    ChainStep step = undo.step();
    if (step != null) {
      List<BatchView> active =
          BatchRows.select(
              connection,
              "WHERE chain = (SELECT undo_of FROM chain WHERE id = ?) AND "
                  + Sources.ACTIVE
                  + " ORDER BY id LIMIT 1",
              step.chain());
      if (!active.isEmpty()) {
        throw notUndoable(active.get(0), "active");
      }
    }
    checkSource(connection, undoes, "");
  }

  private static void checkSource(Connection connection, long id, String which)
      throws SQLException {
    BatchView source = BatchRows.lock(connection, id).orElseThrow(NoSuchElementException::new);
    if (!source.status().isFinal()) {
      throw notUndoable(source, "active");
    } else if (Sources.hasActiveUndo(connection, source, which)) {
      throw notUndoable(source, "undo-active");
    }
  }

  /**
   * Returns why a chain counts as undone by another one: {@code undo-active} or {@code
   * undone-in-part}; null where none of its rows was restored.
   */
  static @Nullable String undone(Connection connection, ChainStep step) throws SQLException {
    String undos =
        "SELECT 1 FROM chain c JOIN batch b ON b.chain = c.id %s WHERE c.undo_of = ? AND %s";
    if (Sources.isFound(connection, undos.formatted("", Sources.ACTIVE), step.chain())) {
      return "undo-active";
    }
    return Sources.isFound(
            connection,
            undos.formatted("JOIN lane l ON l.batch = b.id", "l.rows_scanned > 0 LIMIT 1"),
            step.chain())
        ? "undone-in-part"
        : null;
  }

  private static Refusal notUndoable(BatchView batch, String reason) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("batch", batch.id());
    members.put("status", batch.status().text());
    members.put("reason", reason);
    ChainStep step = batch.step();
    if (step != null) {
      members.put("step", step.name());
    }
    return new Refusal("not-undoable", members);
  }
}
