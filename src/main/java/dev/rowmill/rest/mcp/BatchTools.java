package dev.rowmill.rest.mcp;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.rowmill.batch.BatchFilter;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Page;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.dispatch.BatchControl;
import dev.rowmill.dispatch.BatchStarter;
import dev.rowmill.dispatch.BatchWaiter;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.dispatch.StartRules;
import dev.rowmill.rest.batch.StartResolver;
import dev.rowmill.rest.batch.StartResponses;
import dev.rowmill.rest.batch.UndoRequestBody;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.RequestAudit;
import dev.rowmill.rest.http.RequestHash;
import dev.rowmill.rest.http.StrictJson;
import dev.rowmill.rest.mcp.AgentTool.Effect;
import dev.rowmill.security.Callers;
import dev.rowmill.security.Role;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongFunction;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Provides the tools that watch batches, and that stop and undo those of the caller. None resumes a
 * batch, because a person may have paused it. Safe for many threads.
 */
@ApplicationScoped
class BatchTools {

  /** Begins the idempotency key of an undo. No request to the REST API can have such a key. */
  private static final String KEY = "\tundo:";

  private static final int LISTED = 20;
  private static final int DEFAULT_WAIT = 20;

  private final BatchControl control;
  private final BatchStarter starter;
  private final BatchHistory history;
  private final BatchWaiter waiter;
  private final StartResolver resolver;
  private final StartResponses responses;
  private final BatchResults results;
  private final Access access;
  private final Callers callers;
  private final RequestAudit audit;
  private final AgentConfig config;

  BatchTools(
      BatchControl control,
      BatchStarter starter,
      BatchHistory history,
      BatchWaiter waiter,
      StartResolver resolver,
      StartResponses responses,
      BatchResults results,
      Access access,
      Callers callers,
      RequestAudit audit,
      AgentConfig config) {
    this.control = control;
    this.starter = starter;
    this.history = history;
    this.waiter = waiter;
    this.resolver = resolver;
    this.responses = responses;
    this.results = results;
    this.access = access;
    this.callers = callers;
    this.audit = audit;
    this.config = config;
  }

  List<AgentTool<?>> tools() {
    return List.of(
        AgentTool.of(
            "list_batches",
            "List batches",
            "Returns the newest batches, at most " + LISTED + ".",
            ListArguments.class,
            Effect.READS,
            this::list),
        new AgentTool<>(
            "watch_batch",
            "Watch a batch",
            "Returns a batch with its progress. Waits up to waitSeconds for its end, and not at all"
                + " if it is paused or needs an approval.",
            WatchArguments.class,
            Effect.READS,
            this::watch),
        AgentTool.of(
            "pause_batch",
            "Pause a batch",
            "Pauses a batch that you have started, after its current chunk. Only a person can resume"
                + " it.",
            BatchId.class,
            Effect.CONTROLS,
            id -> controlled(id, control::pause)),
        AgentTool.of(
            "cancel_batch",
            "Cancel a batch",
            "Ends a batch that you have started, after its current chunk. Chunks that are done stay"
                + " done; undo_batch takes them back.",
            BatchId.class,
            Effect.CONTROLS,
            id -> controlled(id, batch -> control.cancel(batch, false))),
        AgentTool.of(
            "undo_batch",
            "Undo a batch",
            "Starts a batch that puts back the rows of an ended batch that you have started. A row"
                + " that was changed since is left as it is. With approvalNeeded, it waits until a"
                + " person approves it. A further call returns the same undo.",
            BatchId.class,
            Effect.CHANGES_ROWS,
            this::undo));
  }

  /** Represents the arguments of a list. */
  @RegisterForReflection
  public record ListArguments(
      @Schema(description = "Only batches of this project") @Nullable String project) {}

  /** Represents the arguments that name a batch. */
  @RegisterForReflection
  public record BatchId(
      @Schema(description = "Id of the batch") @NotNull(message = "missing-value") @Min(1)
          @Nullable Long batch) {

    long id() {
      return Objects.requireNonNull(batch);
    }
  }

  /** Represents the arguments of a watch. */
  @RegisterForReflection
  public record WatchArguments(
      @Schema(description = "Id of the batch") @NotNull(message = "missing-value") @Min(1)
          @Nullable Long batch,
      @Schema(description = "Seconds to wait for the end; " + DEFAULT_WAIT + " by default")
          @Min(0)
          @Max(50)
          @Nullable Integer waitSeconds) {}

  private ToolResult list(ListArguments arguments) {
    String project = arguments.project == null ? null : access.project(arguments.project);
    ArrayNode items = StrictJson.MAPPER.createArrayNode();
    Page<BatchView> newest =
        history.list(new BatchFilter(project, null, null), access.seen(), null, LISTED);
    results.of(newest.items()).forEach(batch -> items.add(batch.json()));
    return ToolResult.empty().with("batches", items);
  }

  private Uni<ToolResult> watch(WatchArguments arguments) {
    BatchView batch = seen(Objects.requireNonNull(arguments.batch));
    Integer seconds = arguments.waitSeconds;
    boolean rests = batch.awaitsApproval() || batch.status() == BatchStatus.PAUSED;
    return rests || batch.status().isFinal()
        ? Uni.createFrom().item(results.of(batch))
        : waiter
            .awaitEnd(batch, Duration.ofSeconds(seconds == null ? DEFAULT_WAIT : seconds))
            .map(results::of);
  }

  private ToolResult controlled(BatchId arguments, LongFunction<BatchView> change) {
    own(arguments.id());
    return results.of(change.apply(arguments.id()));
  }

  private ToolResult undo(BatchId arguments) {
    BatchView batch = own(arguments.id());
    JsonBody nothing = JsonBody.ofRead(StrictJson.MAPPER.createObjectNode());
    String hash = RequestHash.of(batch.project() + " undo " + batch.id(), nothing.node());
    StartRequest request =
        UndoRequestBody.read(nothing)
            .over(resolver.base(batch.project(), undoKey(batch, hash), hash), batch.id());
    return results.of(
        responses.stored(
            () ->
                starter.undo(
                    resolver.ofCaller(request), StartRules.approvedAbove(config.approvalRows()))));
  }

  /** Returns the key of the undo of a batch: another one after each undo that did not succeed. */
  private String undoKey(BatchView batch, String hash) {
    String key = KEY + batch.id();
    Optional<BatchView> earlier = starter.repeated(key, hash);
    while (earlier.isPresent()
        && earlier.get().status().isFinal()
        && earlier.get().status() != BatchStatus.SUCCEEDED) {
      key = KEY + batch.id() + ":" + earlier.get().id();
      earlier = starter.repeated(key, hash);
    }
    return key;
  }

  private BatchView seen(long id) {
    BatchView batch = access.batch(id);
    audit.isOf(batch.project(), id);
    return batch;
  }

  /** Returns a batch that the caller may control: its own, or any as an operator. */
  private BatchView own(long id) {
    BatchView batch = seen(id);
    String name = callers.current().name();
    if (name == null || !name.equals(batch.submission().submittedBy())) {
      access.need(Role.OPERATOR);
    }
    return batch;
  }
}
