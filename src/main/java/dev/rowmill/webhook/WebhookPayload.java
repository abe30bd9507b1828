package dev.rowmill.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.SkippedOf;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Builds the payload of a delivery: how a batch ended, without its statement, parameters and
 * reason, which may be confidential. Stateless.
 */
final class WebhookPayload {

  private static final JsonMapper MAPPER = new JsonMapper();

  private WebhookPayload() {}

  /** Returns the payload, which is the same at each attempt. */
  static byte[] of(PendingDelivery delivery, BatchView batch) {
    SkippedOf skipped = batch.spec().work().skipped();
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("type", "batch.ended");
    body.put("id", delivery.id());
    body.put("at", text(delivery.end().at()));
    body.putObject("batch")
        .put("id", batch.id())
        .put("project", batch.project())
        .put("kind", batch.spec().work().kind().text())
        .put("task", batch.spec().work().task())
        .put("undoes", batch.spec().work().undoes())
        .put("skippedOf", skipped == null ? null : Long.valueOf(skipped.batch()))
        .put("status", delivery.end().status().text())
        .put("error", delivery.end().failure())
        .put("createdAt", text(batch.createdAt()))
        .put("startedAt", text(batch.startedAt()))
        .put("finishedAt", text(delivery.end().at()))
        .put("rowsScanned", delivery.end().rowsScanned())
        .put("rowsChanged", delivery.end().rowsChanged())
        .put("skipped", delivery.end().rowsSkipped())
        .put("path", "/api/v1/batches/" + batch.id())
        .set("labels", MAPPER.valueToTree(batch.submission().labels().values()));
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
