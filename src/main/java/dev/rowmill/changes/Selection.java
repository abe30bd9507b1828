package dev.rowmill.changes;

import dev.rowmill.sql.run.ChangedRows;
import dev.rowmill.sql.run.ImageColumn;
import dev.rowmill.task.Refusal.Reason;
import java.util.BitSet;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Selects columns of changes. Those of the key are always selected.
 *
 * @param columns names of columns; null for all
 */
record Selection(@Nullable Set<String> columns) {

  /** Returns the rows with the selected columns. */
  ChangedRows of(ChangedRows rows) {
    if (columns == null) {
      return rows;
    }
    int[] places =
        IntStream.range(0, rows.columns().size())
            .filter(i -> isNamed(rows.columns().get(i)))
            .toArray();
    return new ChangedRows(
        rows.change(),
        rows.table(),
        rows.keys(),
        IntStream.of(places).mapToObj(rows.columns()::get).toList(),
        rows.rows().stream()
            .map(
                row ->
                    new ChangedRows.Row(
                        row.key(),
                        values(row.before(), places),
                        values(row.after(), places),
                        places(row.unknown(), places)))
            .toList());
  }

  /**
   * Checks that rows have the selected columns.
   *
   * @throws InvalidSelectionException if they lack one
   */
  void check(ChangedRows rows) {
    if (columns == null) {
      return;
    }
    for (String name : columns) {
      if (Stream.concat(rows.keys().stream(), rows.columns().stream())
          .noneMatch(column -> column.name().equalsIgnoreCase(name))) {
        throw new InvalidSelectionException(
            "columns", Reason.of("not-changed-column", "column", name));
      }
    }
  }

  private boolean isNamed(ImageColumn column) {
    return columns != null && columns.stream().anyMatch(column.name()::equalsIgnoreCase);
  }

  private static byte[] @Nullable [] values(byte[] @Nullable [] all, int[] places) {
    byte[][] selected = new byte[all.length == 0 ? 0 : places.length][];
    for (int i = 0; i < selected.length; i++) {
      selected[i] = all[places[i]];
    }
    return selected;
  }

  private static BitSet places(BitSet all, int[] places) {
    var selected = new BitSet();
    for (int i = 0; i < places.length; i++) {
      selected.set(i, all.get(places[i]));
    }
    return selected;
  }
}
