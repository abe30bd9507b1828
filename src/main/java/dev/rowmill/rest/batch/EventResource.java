package dev.rowmill.rest.batch;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.progress.TimelineView;
import dev.rowmill.progress.Timelines;
import dev.rowmill.progress.event.BatchEvent;
import dev.rowmill.progress.event.EventFilter;
import dev.rowmill.progress.event.EventHub;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.security.Callers;
import dev.rowmill.security.CredentialWatch;
import dev.rowmill.security.Role;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import io.vertx.core.http.HttpServerResponse;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Publishes events of batches as server-sent events, and shows timelines. */
@Path("/api/v1")
@Blocking
@RolesAllowed(Role.Names.VIEWER)
@Tag(name = "Events", description = "Publishes events of batches as they occur")
class EventResource {

  private static final String LAST_EVENT_ID = "Last-Event-ID";
  private static final long RECONNECT_MILLIS = 1000;

  private static final String EVENTS =
      "Server-sent events. The first event is snapshot. It is followed by status (for each status"
          + " change), progress (at most four times a second for each running batch, less often"
          + " with many listeners) and throttle. Their data is JSON. Except for snapshot, it"
          + " contains id, project and the members of a batch that may have changed; the client"
          + " merges them into its copy. A slow listener receives only the newest progress, but"
          + " every status. For batches that run on another node, statuses arrive within about a"
          + " second, without intermediate ones, and progress arrives once a second. A listener"
          + " that reconnects with Last-Event-ID, as browsers do, receives the statuses that it"
          + " missed. If these are no longer available, it receives a new snapshot. A comment every"
          + " 15 seconds keeps the connection open. ";

  private static final String EXAMPLE =
      """
      id:9c1f03aa-17
      event:throttle
      data:{"id":42,"project":"p1","throttle":null}

      """;

  private static final String EVENTS_OF_BATCH =
      EVENTS + "The snapshot is the batch. The stream ends when the batch has ended.";

  private static final String EVENTS_OF_ALL =
      EVENTS
          + "The snapshot contains in items up to 500 running, paused, queued and waiting batches."
          + " Its member more is true when there are others.";

  private final Access access;
  private final Callers callers;
  private final EventHub hub;
  private final EventTexts texts;
  private final Timelines timelines;

  EventResource(
      Access access, Callers callers, EventHub hub, EventTexts texts, Timelines timelines) {
    this.access = access;
    this.callers = callers;
    this.hub = hub;
    this.texts = texts;
    this.timelines = timelines;
  }

  @GET
  @Path("/batches/{id}/events")
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @Operation(summary = "Listen to a batch", description = EVENTS_OF_BATCH)
  @APIResponse(
      responseCode = "200",
      description = "Events until the batch ends",
      content = @Content(schema = @Schema(type = SchemaType.STRING), example = EXAMPLE))
  @APIResponse(
      responseCode = "204",
      description = "The batch has ended, and the listener reconnected after that")
  public Multi<OutboundSseEvent> listenToBatch(
      @PathParam("id") long id,
      @Parameter(description = "Id of the last event that the listener received")
          @HeaderParam(LAST_EVENT_ID)
          @Nullable String lastEventId,
      @Parameter(description = "Language of an error's text: en or zh")
          @HeaderParam(HttpHeaders.ACCEPT_LANGUAGE)
          @Nullable String language,
      @Context Sse sse,
      @Context HttpServerResponse http) {
    BatchView batch = access.batch(id);
    if (lastEventId != null && batch.status().isFinal()) {
      // A browser stops reconnecting only after a 204.
      throw new WebApplicationException(Response.Status.NO_CONTENT);
    }
    return events(new EventFilter(id, null, ProjectPatterns.ALL), lastEventId, language, sse, http);
  }

  @GET
  @Path("/events")
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @Operation(summary = "Listen to all batches", description = EVENTS_OF_ALL)
  @APIResponse(
      responseCode = "200",
      description = "Events without an end",
      content = @Content(schema = @Schema(type = SchemaType.STRING), example = EXAMPLE))
  public Multi<OutboundSseEvent> listenToBatches(
      @Parameter(description = "Only batches of this project") @QueryParam("project")
          @Nullable String project,
      @Parameter(description = "Id of the last event that the listener received")
          @HeaderParam(LAST_EVENT_ID)
          @Nullable String lastEventId,
      @Parameter(description = "Language of an error's text: en or zh")
          @HeaderParam(HttpHeaders.ACCEPT_LANGUAGE)
          @Nullable String language,
      @Context Sse sse,
      @Context HttpServerResponse http) {
    return events(
        new EventFilter(null, project == null ? null : ListQuery.project(project), access.seen()),
        lastEventId,
        language,
        sse,
        http);
  }

  private Multi<OutboundSseEvent> events(
      EventFilter audience,
      @Nullable String lastEventId,
      @Nullable String acceptLanguage,
      Sse sse,
      HttpServerResponse http) {
    // Proxies must neither cache nor buffer the events.
    http.putHeader(HttpHeaders.CACHE_CONTROL, "no-store").putHeader("X-Accel-Buffering", "no");
    Language language = Language.of(acceptLanguage);
    CredentialWatch.Watch caller = callers.watch();
    return hub.listen(audience, lastEventId, () -> http.closed() || caller.isOver())
        .onTermination()
        .invoke(caller::close)
        .map(event -> event(event, audience.batch() != null, language, sse));
  }

  private OutboundSseEvent event(
      EventHub.Event published, boolean ofOneBatch, Language language, Sse sse) {
    BatchEvent event = published.delivery().event();
    if (event instanceof BatchEvent.Alive) {
      return sse.newEventBuilder().comment("").build();
    }
    OutboundSseEvent.Builder builder = sse.newEventBuilder().id(published.id()).name(name(event));
    if (event instanceof BatchEvent.Snapshot) {
      builder.reconnectDelay(RECONNECT_MILLIS);
    }
    return builder
        .data(
            published
                .delivery()
                .text(language.tag(), written -> texts.data(written, ofOneBatch, language)))
        .build();
  }

  private static String name(BatchEvent event) {
    if (event instanceof BatchEvent.Snapshot) {
      return "snapshot";
    } else if (event instanceof BatchEvent.Progressed) {
      return "progress";
    }
    return event instanceof BatchEvent.StatusChanged ? "status" : "throttle";
  }

  @GET
  @Path("/batches/{id}/timeline")
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Show the timeline of a batch",
      description =
          "Returns rows, chunks and waits in steps of equal length since the batch began. Available"
              + " for running batches, and for 30 days (rowmill.timeline.retention) for batches"
              + " that took a second or more. For batches that run on other nodes, it lags by two"
              + " seconds or, if longer, by one step.")
  @APIResponse(responseCode = "200", description = "The timeline; empty when no data are available")
  public TimelineView getTimeline(@PathParam("id") long id) {
    return timelines.timeline(access.batch(id).id());
  }
}
