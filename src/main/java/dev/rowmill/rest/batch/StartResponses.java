package dev.rowmill.rest.batch;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.dispatch.BatchWaiter;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.Prefer;
import dev.rowmill.rest.http.ProblemType;
import dev.rowmill.rest.http.RequestAudit;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Sends the responses that all requests to start a batch share. Safe for many threads. */
@ApplicationScoped
public class StartResponses {

  static final String IDEMPOTENCY_KEY = "Idempotency-Key";

  private final BatchWaiter waiter;
  private final BatchHistory history;
  private final BatchBodies bodies;
  private final RequestAudit audit;

  StartResponses(BatchWaiter waiter, BatchHistory history, BatchBodies bodies, RequestAudit audit) {
    this.waiter = waiter;
    this.history = history;
    this.bodies = bodies;
    this.audit = audit;
  }

  /**
   * Starts a batch and responds. Without {@code Prefer: wait} the response is an immediate 202.
   * With it, the response is 200 when the batch ends in time, else 202.
   */
  Uni<Response> startAndRespond(
      Supplier<BatchView> start, List<String> preferences, @Nullable String language) {
    BatchView stored = stored(start);
    Language spoken = Language.of(language);
    Optional<Duration> wait = Prefer.waiting(preferences);
    if (wait.isEmpty()) {
      return Uni.createFrom().item(accepted(stored, spoken).build());
    }
    audit.stored(stored);
    String applied = "wait=" + wait.get().toSeconds();
    return awaitEnd(stored, wait.get())
        .map(
            batch ->
                (batch.status().isFinal()
                        ? Response.ok(bodies.of(batch, spoken))
                        : accepted(batch, spoken))
                    .header("Preference-Applied", applied)
                    .build());
  }

  /** Starts the batch. When another one is active, adds that batch's progress to the refusal. */
  public BatchView stored(Supplier<BatchView> start) {
    try {
      return start.get();
    } catch (NoSuchElementException e) {
      throw new NotFoundException(e);
    } catch (Refusal refusal) {
      if (!refusal.type().equals(ProblemType.PROJECT_BUSY.code())) {
        throw refusal;
      }
      Map<String, Object> members = new LinkedHashMap<>(refusal.members());
      if (members.get("batch") instanceof Number id) {
        history
            .find(id.longValue())
            .ifPresent(active -> members.put("progress", bodies.progress(active)));
      }
      throw new Refusal(refusal.type(), members, refusal.reasons());
    }
  }

  /** Returns the batch when it has ended, or its current form when the time is up. */
  Uni<BatchView> awaitEnd(BatchView batch, Duration atMost) {
    return batch.status().isFinal() || atMost.isZero()
        ? Uni.createFrom().item(batch)
        : waiter
            .awaitEnd(batch, atMost)
            .onFailure(NoSuchElementException.class)
            .transform(NotFoundException::new);
  }

  private Response.ResponseBuilder accepted(BatchView batch, Language language) {
    return Response.accepted(bodies.of(batch, language))
        // Set as a plain header, because the host may be an internal name behind a proxy.
        .header(HttpHeaders.LOCATION, BatchBodies.path(batch.id()));
  }

  /**
   * Returns the idempotency key of a request, or null.
   *
   * @throws InvalidRequestException when there are several keys or the key is invalid
   */
  static @Nullable String idempotencyKey(HttpServerRequest request) {
    List<String> keys = request.headers().getAll(IDEMPOTENCY_KEY);
    if (keys.isEmpty()) {
      return null;
    }
    String key = keys.get(0);
    if (keys.size() > 1
        || key.isBlank()
        || key.length() > 255
        || !key.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw new InvalidRequestException(IDEMPOTENCY_KEY, Reason.of("idempotency-key"));
    }
    return key;
  }
}
