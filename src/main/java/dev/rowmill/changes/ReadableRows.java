package dev.rowmill.changes;

import dev.rowmill.sql.run.ChangedRows;
import dev.rowmill.sql.run.ImageColumn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Remembers the conversions of the columns of changed rows, which most ranges have in common. */
final class ReadableRows {

  private @Nullable List<ImageColumn> keysOf;
  private @Nullable List<ImageColumn> columnsOf;
  private List<ReadableColumn> keys = List.of();
  private List<ReadableColumn> columns = List.of();

  /** Sets the rows whose columns are asked for next. */
  void of(ChangedRows rows) {
    if (!rows.keys().equals(keysOf) || !rows.columns().equals(columnsOf)) {
      keysOf = rows.keys();
      columnsOf = rows.columns();
      keys = rows.keys().stream().map(ReadableColumn::new).toList();
      columns = rows.columns().stream().map(ReadableColumn::new).toList();
    }
  }

  List<ReadableColumn> keys() {
    return keys;
  }

  List<ReadableColumn> columns() {
    return columns;
  }
}
