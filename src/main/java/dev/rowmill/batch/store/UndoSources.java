package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.ChainStep;
import dev.rowmill.batch.ChainView;
import dev.rowmill.batch.NotUndoable;
import dev.rowmill.batch.UndoableChain;
import dev.rowmill.database.Rows;
import dev.rowmill.task.Refusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
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
   * @throws Refusal {@code not-undoable} when one of these is active, or when the change of a step
   *     was undone and repeated in part, with the name of the step as member {@code step}
   */
  static UndoableChain lock(Connection connection, long id) throws SQLException {
    lockChain(connection, id);
    List<Long> ids =
        Rows.query(connection, "SELECT id FROM batch WHERE chain = ?", row -> row.getLong(1), id);
    List<BatchView> locked = lockSources(connection, ids);
    checkNoRetry(connection, locked);
    var repeated = new RepeatedChanges(connection, locked);
    ChainView chain = ChainStore.find(connection, id).orElseThrow();
    Map<Long, BatchView> inForce = new HashMap<>();
    for (BatchView step : chain.steps()) {
      repeated.inForce(step).ifPresent(batch -> inForce.put(step.id(), batch));
    }
    return new UndoableChain(chain, inForce);
  }

  private static void checkNoRetry(Connection connection, List<BatchView> sources)
      throws SQLException {
    Set<Long> retried = Sources.withActiveRetry(connection, sources);
    for (BatchView source : sources) {
      if (retried.contains(source.id())) {
        throw NotUndoable.of(source, "skipped-retry-active");
      }
    }
  }

  private static void lockChain(Connection connection, long id) throws SQLException {
    if (!ChainStore.lock(connection, id)) {
      throw new NoSuchElementException();
    }
  }

  /**
   * Returns a batch whose rows are about to be restored or retried, locked.
   *
   * @throws NoSuchElementException when there is no such batch
   */
  static BatchView lockSource(Connection connection, long id) throws SQLException {
    return lockSources(connection, List.of(id)).stream()
        .findFirst()
        .orElseThrow(NoSuchElementException::new);
  }

  private static List<BatchView> lockSources(Connection connection, List<Long> ids)
      throws SQLException {
    List<BatchView> locked = BatchRows.lock(connection, ids);
    BatchRows.countLock(connection, ids);
    return locked;
  }

  /**
   * Locks the source of an undo that is about to be stored, and checks that it is not active, that
   * no undo of its chain is about to restore it, and that its skipped rows are not being retried.
   *
   * @throws NoSuchElementException when there is no such source
   * @throws Refusal {@code not-undoable} when it can't be undone now
   */
  static void check(Connection connection, long source) throws SQLException {
    checkSource(connection, source, " AND chain IS NOT NULL");
  }

  /**
   * Locks the chain that the retry of a batch concerns: the one that an undo of a chain restores,
   * when the batch is one of its steps, or the one whose step has passed over its rows. Does
   * nothing for other batches.
   */
  static void lockChainOf(Connection connection, long batch) throws SQLException {
    lockFound(
        connection,
        "SELECT COALESCE(c.undo_of, s.chain) FROM batch b LEFT JOIN chain c ON c.id = b.chain"
            + " LEFT JOIN batch s ON s.id = b.skipped_of WHERE b.id = ?",
        batch);
  }

  /** Locks the chain of which a batch is a step. Does nothing for other batches. */
  static void lockChainOfStep(Connection connection, long batch) throws SQLException {
    lockFound(connection, "SELECT chain FROM batch WHERE id = ?", batch);
  }

  private static void lockFound(Connection connection, String chain, long batch)
      throws SQLException {
    Optional<Long> found =
        Rows.first(
                connection, chain, row -> Optional.ofNullable(row.getObject(1, Long.class)), batch)
            .flatMap(it -> it);
    if (found.isPresent()) {
      lockChain(connection, found.get());
    }
  }

  /**
   * Locks the source of an undo that is about to be retried, and checks that it is not active, nor
   * any other step of a chain that is undone with it, nor another undo of it, nor a retry of their
   * skipped rows. Does nothing for other batches.
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
      List<BatchView> steps =
          BatchRows.select(
              connection,
              "WHERE chain = (SELECT undo_of FROM chain WHERE id = ?) ORDER BY id",
              step.chain());
      for (BatchView other : steps) {
        if (!other.status().isFinal()) {
          throw NotUndoable.of(other, "active");
        }
      }
      checkNoRetry(connection, steps);
    }
    checkSource(connection, undoes, "");
  }

  private static void checkSource(Connection connection, long id, String which)
      throws SQLException {
    BatchView source = lockSource(connection, id);
    if (!source.status().isFinal()) {
      throw NotUndoable.of(source, "active");
    } else if (Sources.hasActiveUndo(connection, source, which)) {
      throw NotUndoable.of(source, "undo-active");
    }
    checkNoRetry(connection, List.of(source));
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
}
