package dev.rowmill.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.Approval;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.SkippedOf;
import dev.rowmill.batch.StoredJson;
import dev.rowmill.batch.UsualRows;
import dev.rowmill.schedule.Schedule;
import dev.rowmill.schedule.ScheduleRun;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Builds the payload of a delivery: what has happened to a batch or a schedule, without its
 * statement, parameters and reason, which may be confidential. Stateless.
 */
final class WebhookPayload {

  private static final JsonMapper MAPPER = new JsonMapper();

  private WebhookPayload() {}

  /** Returns the payload of an event of a batch, which is the same at each attempt. */
  static byte[] of(PendingDelivery delivery, BatchView batch) {
    SkippedOf skipped = batch.spec().work().skipped();
    ObjectNode shown =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", batch.id())
            .put("project", batch.project())
            .put("kind", batch.spec().work().kind().text())
            .put("task", batch.spec().work().task())
            .put("undoes", batch.spec().work().undoes())
            .put("skippedOf", skipped == null ? null : Long.valueOf(skipped.batch()));
    PendingDelivery.End end = delivery.end();
    Approval approval = batch.approval();
    if (end != null) {
      shown
          .put("status", end.status().text())
          .put("error", end.failure())
          .put("createdAt", text(batch.createdAt()))
          .put("startedAt", text(batch.startedAt()))
          .put("finishedAt", text(delivery.at()))
          .put("rowsScanned", end.rowsScanned())
          .put("rowsChanged", end.rowsChanged())
          .put("skipped", end.rowsSkipped());
    } else if (approval != null) {
      UsualRows usual = approval.usual();
      shown
          .put("createdAt", text(batch.createdAt()))
          .put("schedule", batch.submission().schedule())
          .put("requestedBy", batch.submission().submittedBy())
          .put("reason", approval.reason())
          .put("plannedRows", approval.plannedRows())
          .put("exact", approval.exact())
          .put("median", usual == null ? null : Long.valueOf(usual.median()))
          .put("factor", usual == null ? null : usual.factor())
          .set("authors", MAPPER.valueToTree(batch.submission().authors()));
    }
    shown
        .put("path", "/api/v1/batches/" + batch.id())
        .set("labels", MAPPER.valueToTree(batch.submission().labels().values()));
    return bytes(delivery, "batch", shown);
  }

  /**
   * Returns the payload of an event of a schedule, which is the same at each attempt.
   *
   * @param run JSON object of {@link #run}
   */
  static byte[] of(PendingDelivery delivery, String run) {
    return bytes(delivery, "schedule", StoredJson.read(run, ObjectNode.class));
  }

  /** Returns the run of a schedule as it is shown. */
  static ObjectNode run(Schedule schedule, ScheduleRun run) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("name", schedule.name())
        .put("project", schedule.project())
        .put("fireAt", text(run.fireAt()))
        .put("firedAt", text(run.firedAt()))
        .put("missed", run.missed())
        .put("error", run.problem() == null ? null : run.problem().type())
        .put("path", "/api/v1/schedules/" + schedule.name());
  }

  private static byte[] bytes(PendingDelivery delivery, String subject, ObjectNode shown) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("type", delivery.type().text())
        .put("id", delivery.id())
        .put("at", text(delivery.at()))
        .set(subject, shown);
    try {
      return MAPPER.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain values can be written", e);
    }
  }

  private static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }
}
