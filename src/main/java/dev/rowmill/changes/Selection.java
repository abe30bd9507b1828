package dev.rowmill.changes;

import dev.rowmill.sql.run.ChangedRows;
import dev.rowmill.sql.run.ImageColumn;
import dev.rowmill.task.Refusal.Reason;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Selects rows and columns of changes.
 *
 * @param columns names of columns besides the key; null for all
 */
record Selection(KeyInterval keys, @Nullable Set<String> columns) {

  /** Returns the selected rows with the selected columns. */
  ChangedRows of(ChangedRows rows) {
    List<ChangedRows.Row> selected = rows.rows().stream().filter(keys.of(rows)).toList();
    if (columns == null) {
      return new ChangedRows(rows.change(), rows.table(), rows.keys(), rows.columns(), selected);
    }
    int[] places =
        IntStream.range(0, rows.columns().size())
            .filter(i -> isSelected(rows.columns().get(i)))
            .toArray();
    return new ChangedRows(
        rows.change(),
        rows.table(),
        rows.keys(),
        IntStream.of(places).mapToObj(rows.columns()::get).toList(),
        selected.stream()
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
   * @throws InvalidSelectionException if they have another key, or lack a column
   */
  void check(ChangedRows rows) {
    keys.of(rows);
    if (columns != null) {
      for (String column : columns) {
        if (rows.columns().stream().noneMatch(each -> each.name().equalsIgnoreCase(column))) {
          throw new InvalidSelectionException(
              "columns", Reason.of("not-changed-column", "column", column));
        }
      }
    }
  }

  private boolean isSelected(ImageColumn column) {
    return columns != null
        && columns.stream()
            .anyMatch(
                name ->
                    name.toLowerCase(Locale.ROOT).equals(column.name().toLowerCase(Locale.ROOT)));
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
