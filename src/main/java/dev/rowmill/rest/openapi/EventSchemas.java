package dev.rowmill.rest.openapi;

import static dev.rowmill.rest.openapi.Schemas.component;
import static dev.rowmill.rest.openapi.Schemas.property;
import static dev.rowmill.rest.openapi.Schemas.ref;
import static dev.rowmill.rest.openapi.Schemas.type;

import dev.rowmill.rest.batch.BatchBody;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;

/**
 * Describes the data of server-sent events. A schema of the whole response can't: for OpenAPI it is
 * one text, whose member x-events names the schemas by the names of the events. Stateless.
 */
final class EventSchemas {

  private EventSchemas() {}

  /** Adds the schemas, after that of a batch is complete. */
  static void addTo(Components components) {
    Schema batch = component(components, "Batch");
    Schema chunk = component(components, "Chunk");
    Schema status =
        event(batch, "New status of a batch, and members that may have changed with it");
    batch.getProperties().forEach(status::addProperty);
    BatchBody.NOT_IN_EVENTS.forEach(status::removeProperty);
    Schema size = type(SchemaType.OBJECT, "Size of the chunks, and the duration of the newest one");
    chunk.getProperties().forEach(size::addProperty);
    size.addProperty(
        "lastMillis", type(SchemaType.NUMBER, "In milliseconds").addType(SchemaType.NULL));
    size.getProperties().keySet().forEach(size::addRequired);
    Schema progress = event(batch, "Progress of a batch");
    for (String name : List.of("status", "lanes", "automaticLanes", "progress", "undo")) {
      progress.addProperty(name, property(batch, name)).addRequired(name);
    }
    components
        .addSchema(
            "SnapshotEvent",
            type(SchemaType.OBJECT, "Batches that have not ended, as the first of their events")
                .addProperty(
                    "items", type(SchemaType.ARRAY, "At most 500 batches").items(ref("Batch")))
                .addProperty("more", type(SchemaType.BOOLEAN, "Whether there are others"))
                .addRequired("items")
                .addRequired("more"))
        .addSchema("StatusEvent", status.addRequired("status").addRequired("pending"))
        .addSchema("ChunkProgress", size)
        .addSchema(
            "ProgressEvent",
            progress.addProperty("chunk", ref("ChunkProgress")).addRequired("chunk"))
        .addSchema(
            "ThrottleEvent",
            event(batch, "Why a batch is held back; null when it no longer is")
                .addProperty("throttle", property(batch, "throttle"))
                .addRequired("throttle"));
  }

  private static Schema event(Schema batch, String description) {
    return type(SchemaType.OBJECT, description)
        .addProperty("id", property(batch, "id"))
        .addProperty("project", property(batch, "project"))
        .addRequired("id")
        .addRequired("project");
  }

  /** Names the schemas of the events at the response of an operation that sends them. */
  static void describe(Operation operation) {
    APIResponse response = operation.getResponses().getAPIResponse("200");
    if (response == null
        || response.getContent() == null
        || !response.getContent().hasMediaType(MediaType.SERVER_SENT_EVENTS)) {
      return;
    }
    boolean ofOneBatch = operation.getOperationId().equals("listenToBatch");
    response
        .getContent()
        .getMediaType(MediaType.SERVER_SENT_EVENTS)
        .getSchema()
        .addExtension(
            "x-events",
            // In one order, as the document is part of the jar.
            new TreeMap<>(
                Map.of(
                    "snapshot", reference(ofOneBatch ? "Batch" : "SnapshotEvent"),
                    "status", reference("StatusEvent"),
                    "progress", reference("ProgressEvent"),
                    "throttle", reference("ThrottleEvent"))));
  }

  private static Map<String, String> reference(String name) {
    return Map.of("$ref", "#/components/schemas/" + name);
  }
}
