package dev.rowmill.sql.run;

import dev.rowmill.sql.run.RowImage.Kind;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Deletes inserted rows. */
record InsertRestorer(RestoredTable table, RestoreLog log) implements SectionRestorer {

  @Override
  public void restore(List<RowImage.Row> newestFirst) throws SQLException {
    KeyedRows now = table.lock(newestFirst, table.image().columns());
    List<RowImage.Row> away = new ArrayList<>();
    List<RowImage.Row> deleted = new ArrayList<>();
    for (int i = 0; i < newestFirst.size(); i++) {
      RowImage.Row row = newestFirst.get(i);
      KeyedRows.Row is = now.find(row.key(), i);
      if (is == null) {
        log.gone(table.image(), row);
      } else if (!log.overwrites() && !Arrays.equals(row.after()[0], RowImage.mark(is.values()))) {
        log.conflict(table.image(), row, "changed", "changed since");
      } else {
        away.add(row);
        deleted.add(RowImage.deleted(row.key(), is.values()));
      }
    }
    table.delete(away);
    log.restored(away.size());
    log.changed(table.image().of(Kind.DELETED, deleted));
  }
}
