package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Labels;
import dev.rowmill.batch.StoredJson;
import dev.rowmill.database.Rows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stores the labels of batches: as JSON with the batch, from which they are read, and as rows of
 * the table {@code batch_label}, by which batches are found. Stateless.
 */
final class LabelRows {

  private static final int COLUMNS = 3;

  private LabelRows() {}

  /** Returns the labels as they are stored with the batch; null for none. */
  static @Nullable String json(Labels labels) {
    return labels.isEmpty() ? null : StoredJson.write(labels);
  }

  /** Returns the labels that are stored with a batch. */
  static Labels read(@Nullable String json) {
    return json == null ? Labels.NONE : StoredJson.read(json, Labels.class);
  }

  /** Stores the rows of new batches. Costs nothing when none has a label. */
  static void insert(Connection connection, List<BatchView> batches) throws SQLException {
    List<Object> values = new ArrayList<>();
    for (BatchView batch : batches) {
      batch
          .submission()
          .labels()
          .values()
          .forEach((name, value) -> values.addAll(List.of(batch.id(), name, value)));
    }
    if (!values.isEmpty()) {
      Rows.update(
          connection,
          "INSERT INTO batch_label (batch, name, value) VALUES "
              + Rows.lists(values.size() / COLUMNS, COLUMNS),
          values);
    }
  }
}
