package dev.rowmill.rest.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Hold;
import dev.rowmill.dispatch.BatchControl;
import dev.rowmill.progress.RunRecords;
import dev.rowmill.progress.Speed;
import dev.rowmill.progress.event.BatchEvent;
import dev.rowmill.rest.http.Language;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/**
 * Writes events for listeners as JSON. An event other than a snapshot contains only the members of
 * a batch that may have changed, and the listener merges them into its copy. Safe for many threads.
 */
@ApplicationScoped
class EventTexts {

  /** Lists members of a batch that can be long and that listeners already have. */
  private static final List<String> UNCHANGED =
      List.of("sql", "parameters", "task", "limits", "check");

  private final BatchBodies bodies;
  private final BatchControl control;
  private final RunRecords records;
  private final ObjectMapper json;

  EventTexts(BatchBodies bodies, BatchControl control, RunRecords records, ObjectMapper json) {
    this.bodies = bodies;
    this.control = control;
    this.records = records;
    this.json = json;
  }

  /**
   * Returns the data of an event.
   *
   * @param ofOneBatch whether the listener receives events of a single batch
   */
  String data(BatchEvent event, boolean ofOneBatch, Language language) {
    if (event instanceof BatchEvent.Snapshot snapshot) {
      List<BatchBody> items =
          snapshot.batches().stream().map(batch -> bodies.of(batch, language)).toList();
      return ofOneBatch
          ? text(items.get(0))
          : text(json.createObjectNode().put("more", snapshot.more()).putPOJO("items", items));
    } else if (event instanceof BatchEvent.Moved moved) {
      return text(moved(moved.batch()));
    } else if (event instanceof BatchEvent.Became became) {
      return text(became(became, language));
    } else if (event instanceof BatchEvent.Held held) {
      Hold hold = held.hold();
      return text(
          batch(held.batch(), held.project())
              .putPOJO("throttle", hold == null ? null : BatchBodies.throttle(hold)));
    }
    return "";
  }

  private ObjectNode moved(BatchView batch) {
    BatchSettings settings = control.settings(batch);
    return batch(batch.id(), batch.project())
        .put("status", batch.status().text())
        .put("lanes", settings.lanes())
        .putPOJO("progress", bodies.progress(batch))
        .putPOJO("undo", bodies.undo(batch))
        .set("chunk", chunk(batch.withSettings(settings)));
  }

  /** Returns the chunk size, with the duration of the newest chunk in milliseconds. */
  private ObjectNode chunk(BatchView batch) {
    ObjectNode chunk = json.valueToTree(bodies.chunk(batch));
    return chunk.put(
        "lastMillis",
        records
            .speed(batch.id())
            .flatMap(Speed::lastChunk)
            .map(took -> took.toNanos() / 1_000 / 1e3)
            .orElse(null));
  }

  private ObjectNode became(BatchEvent.Became became, Language language) {
    BatchView view = became.view();
    if (view == null) {
      return batch(became.batch(), became.project())
          .put("status", became.status().text())
          .putNull("pending");
    }
    ObjectNode whole = json.valueToTree(bodies.of(view, language));
    return whole.remove(UNCHANGED);
  }

  private ObjectNode batch(long id, String project) {
    return json.createObjectNode().put("id", id).put("project", project);
  }

  private String text(Object value) {
    try {
      return json.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an event can't be written", e);
    }
  }
}
