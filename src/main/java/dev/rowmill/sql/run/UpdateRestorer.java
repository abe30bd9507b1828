package dev.rowmill.sql.run;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes the old values of updated rows. */
record UpdateRestorer(RestoredTable table, RestoreLog log) implements SectionRestorer {

  @Override
  public void restore(List<RowImage.Row> newestFirst) throws SQLException {
    KeyedRows now = table.lock(newestFirst, table.image().columns());
    List<RowImage.Row> back = new ArrayList<>();
    List<KeyedRows.Row> were = new ArrayList<>();
    for (int i = 0; i < newestFirst.size(); i++) {
      RowImage.Row row = newestFirst.get(i);
      KeyedRows.Row is = now.find(row.key(), i);
      if (is == null) {
        log.gone(table.image(), row);
        continue;
      }
      String changed = changedColumns(row, is);
      if (!changed.isEmpty() && !log.overwrites()) {
        log.conflict(table.image(), row, "changed", "changed since: " + changed);
        continue;
      }
      back.add(row);
      were.add(is);
    }
    table.update(back);
    log.restored(back.size());
    log.changed(table.updatedImage(back, were));
  }

  private String changedColumns(RowImage.Row row, KeyedRows.Row is) {
    List<ImageColumn> columns = table.image().columns();
    return IntStream.range(0, columns.size())
        .filter(i -> !Arrays.equals(row.after()[i], RowImage.mark(is.values()[i])))
        .mapToObj(i -> columns.get(i).name())
        .collect(Collectors.joining(", "));
  }
}
