package dev.rowmill.sql.run;

import dev.rowmill.sql.run.RowImage.Kind;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Inserts deleted rows again. */
record DeleteRestorer(RestoredTable table, RestoreLog log) implements SectionRestorer {

  @Override
  public void restore(List<RowImage.Row> newestFirst) throws SQLException {
    KeyedRows now = table.lock(newestFirst, log.overwrites() ? table.image().columns() : List.of());
    List<RowImage.Row> back = new ArrayList<>();
    List<RowImage.Row> over = new ArrayList<>();
    List<KeyedRows.Row> were = new ArrayList<>();
    for (int i = 0; i < newestFirst.size(); i++) {
      RowImage.Row row = newestFirst.get(i);
      KeyedRows.Row is = now.find(row.key(), i);
      if (is == null) {
        back.add(row);
      } else if (log.overwrites()) {
        over.add(row);
        were.add(is);
      } else {
        log.conflict(table.image(), row, "taken", "another row has this key");
      }
    }
    table.update(over);
    table.insert(back);
    log.restored(back.size() + over.size());
    List<KeyedRows.Row> are = table.readBack(back);
    List<RowImage.Row> inserted = new ArrayList<>();
    for (int i = 0; i < back.size(); i++) {
      inserted.add(RowImage.inserted(back.get(i).key(), are.get(i).values()));
    }
    log.changed(table.updatedImage(over, were));
    log.changed(table.image().of(Kind.INSERTED, inserted));
  }
}
