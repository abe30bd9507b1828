package dev.rowmill.rest.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.audit.AuditEntry;
import dev.rowmill.audit.AuditLog;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.store.StartRecorder;
import dev.rowmill.rest.http.ProblemResponses.ProblemResponse;
import dev.rowmill.security.Caller;
import dev.rowmill.security.Callers;
import io.quarkus.arc.Arc;
import io.quarkus.runtime.BlockingOperationControl;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ResourceInfo;
import java.io.IOException;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;
import org.jspecify.annotations.Nullable;

/**
 * Writes an audit line for each request for a change or an {@link AuditedRead}, including rejected
 * ones, before the response is sent. The line of a start is written in the transaction that stores
 * the batch. For a request denied before a resource is found, writes it after the response. No
 * other class audits requests. Safe for many threads.
 */
@ApplicationScoped
public class RequestAudit implements StartRecorder {

  private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS");
  private static final String KEY = RequestAudit.class.getName();
  private static final String REFUSED = "refused";

  private final AuditLog audit;
  private final Callers callers;
  private final CurrentVertxRequest current;
  private final Clock clock;
  private final AuditedMembers members;
  private final OncePerMinute perAddress;

  RequestAudit(
      AuditLog audit,
      Callers callers,
      CurrentVertxRequest current,
      Clock clock,
      AuditedMembers members) {
    this.audit = audit;
    this.callers = callers;
    this.current = current;
    this.clock = clock;
    this.members = members;
    perAddress = new OncePerMinute(clock);
  }

  @ServerRequestFilter
  void begin(ContainerRequestContext request, ResourceInfo resource) {
    if (isOfInterest(request, resource)) {
      AuditedRequest audited = audited(request, resource);
      if (audited != null && !isFile(resource)) {
        request.setEntityStream(audited.body().copying(request.getEntityStream()));
      }
    }
  }

  @ServerResponseFilter
  @Nullable Uni<Void> end(
      ContainerRequestContext request, ContainerResponseContext response, ResourceInfo resource) {
    if (!isOfInterest(request, resource)) {
      return null;
    }
    AuditedRequest audited = audited(request, resource);
    int status = response.getStatus();
    if (audited == null || isLeftOut(resource, status) || !audited.begin()) {
      return null;
    }
    Caller caller = callers.current();
    if (isThrottled(status, caller)) {
      return null;
    }
    if (response.getEntity() instanceof AuditedBatch batch) {
      audited.isOf(batch);
    }
    AuditEntry entry =
        audited.entry(clock.instant(), caller, status, problem(status, response.getEntity()));
    if (BlockingOperationControl.isBlockingAllowed()) {
      audit.write(entry);
      return null;
    }
    return Uni.createFrom()
        .voidItem()
        .invoke(() -> audit.write(entry))
        .runSubscriptionOn(Infrastructure.getDefaultWorkerPool());
  }

  /** Writes the line of a start that will respond later, unless it is written with the batch. */
  public void stored(BatchView batch) {
    AuditedRequest audited = current.getCurrent().get(KEY);
    if (audited != null && audited.begin()) {
      audit.write(audited.entry(clock.instant(), callers.current(), batch));
    }
  }

  /** Names the project of a call, which its path does not show. */
  public void isOf(String project) {
    AuditedRequest audited = current.getCurrent().get(KEY);
    audited.isOf(project, null);
  }

  /** Names the batch of the current request, whose response does not show it. */
  public void isOf(String project, long batch) {
    AuditedRequest audited = current.getCurrent().get(KEY);
    if (audited != null) {
      audited.isOf(project, batch);
    }
  }

  /**
   * Begins the line of a call inside of the current request, such as that of a tool. Either {@link
   * #answered} or {@link #refused} must follow, on the request's own thread.
   *
   * @param operation name of what is called
   * @param copied names of the arguments that the line copies
   * @param arguments JSON object
   */
  public void called(String operation, Set<String> copied, byte[] arguments) {
    RoutingContext context = current.getCurrent();
    var call = new AuditedRequest(operation, requestOf(context), copied);
    call.body().add(arguments);
    context.put(KEY, call);
  }

  /** Writes the line of a call, unless it is written with the batch that the call has started. */
  public void answered() {
    write(200, null);
  }

  /** Writes the line of a call that is refused. */
  public void refused(ProblemResponse response) {
    write(response.status(), problem(response.status(), response.body()));
  }

  private void write(int status, @Nullable String problem) {
    AuditedRequest audited = current.getCurrent().get(KEY);
    if (audited.begin()) {
      audit.write(audited.entry(clock.instant(), callers.current(), status, problem));
    }
  }

  /** Holds the line of a start until its batch is stored. */
  private record StartLine(AuditedRequest audited, Caller caller, Instant at) implements Line {
    @Override
    public void isStored() {
      audited.begin();
    }
  }

  @Override
  public @Nullable Line begin() {
    if (!Arc.container().requestContext().isActive() || current.getCurrent() == null) {
      return null;
    }
    AuditedRequest audited = current.getCurrent().get(KEY);
    return audited == null || audited.isDone()
        ? null
        : new StartLine(audited, callers.current(), clock.instant());
  }

  @Override
  public void record(Connection connection, List<Started> starts) throws SQLException {
    List<AuditEntry> entries = new ArrayList<>();
    for (Started start : starts) {
      StartLine line = (StartLine) start.line();
      entries.add(line.audited.entry(line.at, line.caller, start.batch()));
    }
    audit.write(connection, entries);
  }

  /** Registers a handler that audits requests denied before a resource is found. */
  void watch(@Observes Router router) {
    ApiPaths.route(router)
        .order(Integer.MIN_VALUE)
        .handler(
            context -> {
              context.addEndHandler(sent -> ended(context));
              context.next();
            });
  }

  private void ended(RoutingContext context) {
    int status = context.response().getStatusCode();
    boolean change = !READS.contains(context.request().method().name());
    boolean refused = status == 401 ? hasCredentials(context, change) : status == 403 && change;
    AuditedRequest audited = context.get(KEY);
    if (!refused || audited != null) {
      return;
    }
    var line = new AuditedRequest(REFUSED, requestOf(context), Set.of());
    Caller caller = callers.of(context);
    if (!isThrottled(status, caller)) {
      audit.later(line.entry(clock.instant(), caller, status, ProblemType.ofStatus(status).code()));
    }
  }

  /**
   * Checks whether a 401 is audited: it is for a wrong token and for a change with a cookie. It is
   * not for a request without credentials or a read with an expired session.
   */
  private static boolean hasCredentials(RoutingContext context, boolean change) {
    return context.request().headers().contains("Authorization")
        || (change && context.request().headers().contains("Cookie"));
  }

  /** Checks whether a denial is left out, so that guessing tokens cannot fill the table. */
  private boolean isThrottled(int status, Caller caller) {
    return (status == 401 || status == 429)
        && !perAddress.isFirst(String.valueOf(caller.address()));
  }

  /** Returns the record of the request, or null when the request matches no operation. */
  private @Nullable AuditedRequest audited(
      ContainerRequestContext request, @Nullable ResourceInfo resource) {
    RoutingContext context = current.getCurrent();
    AuditedRequest audited = context.get(KEY);
    if (audited == null && resource != null && isAudited(resource.getResourceMethod())) {
      audited =
          new AuditedRequest(
              resource.getResourceMethod().getName(), requestOf(context), members.names());
      var path = request.getUriInfo().getPathParameters();
      audited.isOf(path.getFirst("project"), batch(context, path.getFirst("id")));
      context.put(KEY, audited);
    }
    return audited;
  }

  private static boolean isOfInterest(
      ContainerRequestContext request, @Nullable ResourceInfo resource) {
    return !READS.contains(request.getMethod())
        || (resource != null
            && resource.getResourceMethod() != null
            && resource.getResourceMethod().isAnnotationPresent(AuditedRead.class));
  }

  private static boolean isFile(@Nullable ResourceInfo resource) {
    return resource != null
        && resource.getResourceMethod() != null
        && resource.getResourceMethod().isAnnotationPresent(FileBody.class);
  }

  private static boolean isAudited(@Nullable Method operation) {
    return operation != null
        && (!operation.isAnnotationPresent(Unaudited.class)
            || operation.getAnnotation(Unaudited.class).status() != 0);
  }

  private static boolean isLeftOut(ResourceInfo resource, int status) {
    Unaudited mark = resource.getResourceMethod().getAnnotation(Unaudited.class);
    return mark != null && mark.status() == status;
  }

  private static @Nullable Long batch(RoutingContext context, @Nullable String id) {
    return id != null
            && id.matches("[0-9]{1,18}")
            && context.request().path().startsWith("/api/v1/batches/")
        ? Long.valueOf(id)
        : null;
  }

  private static String requestOf(RoutingContext context) {
    return context.request().method().name() + " " + context.request().uri();
  }

  /** Returns the code of the problem document in the response, or null. */
  private static @Nullable String problem(int status, @Nullable Object entity) {
    if (status < 400 || !(entity instanceof byte[] document)) {
      return null;
    }
    try {
      JsonNode type = StrictJson.MAPPER.readTree(document).path("type");
      return type.asText().substring(type.asText().lastIndexOf('/') + 1);
    } catch (IOException e) {
      return null;
    }
  }
}
