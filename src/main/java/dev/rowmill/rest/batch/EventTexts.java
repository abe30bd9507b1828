package dev.rowmill.rest.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Hold;
import dev.rowmill.dispatch.LiveState;
import dev.rowmill.dispatch.LiveStates;
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

  private final BatchBodies bodies;
  private final LiveStates states;
  private final ObjectMapper json;

  EventTexts(BatchBodies bodies, LiveStates states, ObjectMapper json) {
    this.bodies = bodies;
    this.states = states;
    this.json = json;
  }

  /**
   * Returns the data of an event.
   *
   * @param ofOneBatch whether the listener receives events of a single batch
   */
  String data(BatchEvent event, boolean ofOneBatch, Language language) {
    if (event instanceof BatchEvent.Snapshot snapshot) {
      List<BatchBody> items = bodies.of(snapshot.batches(), language);
      return ofOneBatch
          ? text(items.get(0))
          : text(json.createObjectNode().put("more", snapshot.more()).putPOJO("items", items));
    } else if (event instanceof BatchEvent.Progressed progressed) {
      return text(progress(progressed.batch()));
    } else if (event instanceof BatchEvent.StatusChanged changed) {
      return text(status(changed, language));
    } else if (event instanceof BatchEvent.HoldChanged changed) {
      Hold hold = changed.hold();
      return text(
          batch(changed.batch(), changed.project())
              .putPOJO("throttle", hold == null ? null : BatchBodies.throttle(hold)));
    }
    return "";
  }

  private ObjectNode progress(BatchView batch) {
    BatchSettings settings = states.settings(batch);
    BatchView now = batch.withSettings(settings);
    LiveState live = states.of(now);
    return batch(batch.id(), batch.project())
        .put("status", batch.status().text())
        .put("lanes", BatchBodies.lanes(settings, live))
        .put("automaticLanes", settings.hasAutomaticLanes())
        .putPOJO("progress", bodies.progress(batch, live))
        .putPOJO("undo", BatchBodies.undo(batch, live))
        .set("chunk", chunk(now, live));
  }

  /** Returns the chunk size, with the duration of the newest chunk in milliseconds. */
  private ObjectNode chunk(BatchView batch, LiveState live) {
    ObjectNode chunk = json.valueToTree(BatchBodies.chunk(batch, live));
    return chunk.put(
        "lastMillis",
        live.speed()
            .flatMap(Speed::lastChunk)
            .map(took -> took.toNanos() / 1_000 / 1e3)
            .orElse(null));
  }

  private ObjectNode status(BatchEvent.StatusChanged changed, Language language) {
    BatchView view = changed.view();
    if (view == null) {
      return batch(changed.batch(), changed.project())
          .put("status", changed.status().text())
          .putNull("pending");
    }
    ObjectNode whole = json.valueToTree(bodies.of(view, language));
    return whole.remove(BatchBody.NOT_IN_EVENTS);
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
