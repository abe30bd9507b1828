package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchFilter;
import dev.rowmill.batch.Label;
import java.util.List;

/**
 * Builds the SQL for a page of batches with certain labels, newest l0. Scans the batches with the
 * first label in the order of the page, by index.
 */
final class LabelPageSql {

  private LabelPageSql() {}

  /**
   * Builds the statement.
   *
   * @param filter with at least one label
   * @param names condition that selects the visible projects
   */
  static SqlFragment of(BatchFilter filter, SqlFragment names, long before, int limit) {
    List<Label> labels = filter.labels();
    SqlFragment page =
        SqlFragment.of(
            "SELECT "
                + BatchRows.COLUMNS
                + " FROM batch_label l0 FORCE INDEX (batch_label_by_value)"
                + " STRAIGHT_JOIN batch ON batch.id = l0.batch");
    for (int i = 1; i < labels.size(); i++) {
      page =
          page.then(
              " STRAIGHT_JOIN batch_label l%1$d ON l%1$d.batch = l0.batch AND l%1$d.name = ?"
                      .formatted(i)
                  + " AND l%d.value = ?".formatted(i),
              labels.get(i).name(),
              labels.get(i).value());
    }
    page =
        page.then(
            " WHERE l0.name = ? AND l0.value = ? AND l0.batch < ? AND ",
            labels.get(0).name(),
            labels.get(0).value(),
            before);
    page = page.then(names);
    if (filter.project() != null) {
      page = page.then(" AND project = ?", filter.project());
    }
    if (filter.status() != null) {
      page = page.then(" AND status = ?", filter.status());
    }
    if (filter.mode() != null) {
      page = page.then(" AND mode = ?", filter.mode());
    }
    // All columns of the index, so that no server sorts.
    return page.then(" ORDER BY l0.name DESC, l0.value DESC, l0.batch DESC LIMIT ?", limit);
  }
}
