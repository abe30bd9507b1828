package dev.rowmill.sql.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.sql.run.RowRestorer.Conflict;
import dev.rowmill.sql.run.RowRestorer.OnConflict;
import dev.rowmill.sql.run.RowRestorer.Restored;
import dev.rowmill.task.Image;
import dev.rowmill.task.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Records the conflicts and the changes of one restore call. For one thread. */
final class RestoreLog {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final OnConflict onConflict;
  private final List<Conflict> conflicts = new ArrayList<>();

  /** Stores the images in the order of the changes, so that the newest is the last. */
  private final List<RowImage> changed = new ArrayList<>();

  private long restored;

  RestoreLog(OnConflict onConflict) {
    this.onConflict = onConflict;
  }

  boolean overwrites() {
    return onConflict == OnConflict.OVERWRITE;
  }

  /** Records that a row does not exist any more. */
  void gone(RowImage image, RowImage.Row row) {
    conflict(image, row, "gone", "the row no longer exists");
  }

  /**
   * Records that a row is not restored.
   *
   * @throws Refusal {@code undo-conflict} if a conflict stops the undo
   */
  void conflict(RowImage image, RowImage.Row row, String reason, String detail) {
    ObjectNode key = image.shownKey(row);
    if (onConflict == OnConflict.STOP) {
      throw new Refusal(
          "undo-conflict", Map.of("key", JSON.convertValue(key, Map.class), "reason", reason));
    }
    conflicts.add(new Conflict(key.toString(), reason, detail));
  }

  void restored(int rows) {
    restored += rows;
  }

  /** Records changes, the newest last. */
  void changed(RowImage image) {
    if (!image.rows().isEmpty()) {
      changed.add(image);
    }
  }

  Restored restored() {
    int count = changed.stream().mapToInt(each -> each.rows().size()).sum();
    Image image = count == 0 ? null : new Image(count, RowImage.write(changed));
    return new Restored(restored, conflicts, image);
  }
}
