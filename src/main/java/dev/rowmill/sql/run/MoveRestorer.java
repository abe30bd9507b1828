package dev.rowmill.sql.run;

import dev.rowmill.sql.run.RowImage.Kind;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Moves rows back to the table that they were moved from. */
record MoveRestorer(RestoredTable table, RestoreLog log) implements SectionRestorer {

  @Override
  public void restore(List<RowImage.Row> newestFirst) throws SQLException {
    RowImage image = table.image();
    var other = new RestoredTable(table.connection(), table.statements(), image.movedBack());
    KeyedRows copies = other.lock(newestFirst, image.columns());
    KeyedRows now = table.lock(newestFirst, log.overwrites() ? image.columns() : List.of());
    List<RowImage.Row> moved = new ArrayList<>();
    List<RowImage.Row> added = new ArrayList<>();
    List<RowImage.Row> over = new ArrayList<>();
    List<KeyedRows.Row> were = new ArrayList<>();
    List<RowImage.Row> dropped = new ArrayList<>();
    for (int i = 0; i < newestFirst.size(); i++) {
      RowImage.Row row = newestFirst.get(i);
      KeyedRows.Row copy = copies.find(row.key(), i);
      KeyedRows.Row is = now.find(row.key(), i);
      boolean same = copy != null && other.isAsBefore(copy, row);
      if (same && is == null) {
        moved.add(row);
        continue;
      } else if (!log.overwrites()) {
        conflict(row, copy, is);
        continue;
      }
      if (is == null) {
        added.add(row);
      } else {
        over.add(row);
        were.add(is);
      }
      if (copy != null) {
        dropped.add(RowImage.deleted(row.key(), copy.values()));
      }
    }
    table.update(over);
    table.insert(moved);
    table.insert(added);
    log.restored(moved.size() + added.size() + over.size());
    table.readBack(moved);
    List<KeyedRows.Row> are = table.readBack(added);
    List<RowImage.Row> inserted = new ArrayList<>();
    for (int i = 0; i < added.size(); i++) {
      inserted.add(RowImage.inserted(added.get(i).key(), are.get(i).values()));
    }
    other.delete(moved);
    other.delete(dropped);
    log.changed(table.updatedImage(over, were));
    log.changed(image.of(Kind.INSERTED, inserted));
    log.changed(other.image().movedTo(null).of(dropped));
    log.changed(other.image().of(moved));
  }

  private void conflict(
      RowImage.Row row, KeyedRows.@Nullable Row copy, KeyedRows.@Nullable Row is) {
    if (copy == null) {
      log.gone(table.image(), row);
    } else if (is != null) {
      log.conflict(table.image(), row, "taken", "another row has this key");
    } else {
      log.conflict(table.image(), row, "changed", "the archived row has changed since");
    }
  }
}
