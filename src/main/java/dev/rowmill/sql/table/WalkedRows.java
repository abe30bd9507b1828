package dev.rowmill.sql.table;

import dev.rowmill.sql.value.BoundText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Selects rows of a walk: those after one key up to another, or single ones. Immutable.
 *
 * @param bounded whether a range has a lower end
 * @param single number of single rows; 0 for a range
 * @param values values of the condition, in the order of its question marks
 */
public record WalkedRows(boolean bounded, int single, List<BoundText.Value> values) {

  /**
   * Returns the rows of a range.
   *
   * @param after exclusive lower cursor, null at the start of the walk
   * @param upTo inclusive upper cursor
   */
  public static WalkedRows between(ChunkKey key, @Nullable String after, String upTo) {
    return new WalkedRows(after != null, 0, key.bound(after, upTo));
  }

  /**
   * Returns single rows.
   *
   * @param cursors cursors of at least one row
   * @throws dev.rowmill.task.Refusal if one is not a cursor of this key
   */
  public static WalkedRows of(ChunkKey key, List<String> cursors) {
    return new WalkedRows(false, cursors.size(), key.boundRows(cursors));
  }

  /** Returns the condition for the rows, which only depends on the number of single ones. */
  public String sql(ChunkKey key, String qualifier) {
    return single == 0 ? key.range(qualifier, bounded) : key.rows(qualifier, single);
  }
}
