package dev.rowmill.batch;

import dev.rowmill.task.Refusal;
import java.util.LinkedHashMap;
import java.util.Map;

/** Creates the refusals of undos. Stateless. */
public final class NotUndoable {

  private NotUndoable() {}

  /**
   * Returns the refusal to undo a batch, with the name of the step in its member {@code step} when
   * the batch is a step of a chain.
   *
   * @param reason code of the reason, such as {@code undone}
   */
  public static Refusal of(BatchView batch, String reason) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("batch", batch.id());
    members.put("status", batch.status().text());
    members.put("reason", reason);
    ChainStep step = batch.step();
    if (step != null) {
      members.put("step", step.name());
    }
    return new Refusal("not-undoable", members);
  }
}
