package dev.rowmill.rest.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.Approval;
import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.Hold;
import dev.rowmill.batch.Safeguards;
import dev.rowmill.batch.SecretValues;
import dev.rowmill.batch.SkippedOf;
import dev.rowmill.batch.Submission;
import dev.rowmill.batch.UsualRows;
import dev.rowmill.dispatch.LiveState;
import dev.rowmill.dispatch.LiveStates;
import dev.rowmill.dispatch.statement.ParameterType;
import dev.rowmill.progress.Speed;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.Problems;
import dev.rowmill.rest.http.StrictJson;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Converts batches to the form that callers see. Safe for many threads. */
@ApplicationScoped
public class BatchBodies {

  private final LiveStates states;
  private final Problems problems;
  private final Clock clock;

  BatchBodies(LiveStates states, Problems problems, Clock clock) {
    this.states = states;
    this.problems = problems;
    this.clock = clock;
  }

  /** Returns the path of a batch. */
  public static String path(long id) {
    return "/api/v1/batches/" + id;
  }

  public BatchBody of(BatchView batch, Language language) {
    return of(batch, states.of(batch), language);
  }

  /** Converts the batches of a page, in their order. */
  public List<BatchBody> of(List<BatchView> batches, Language language) {
    Iterator<LiveState> live = states.of(batches).iterator();
    return batches.stream().map(batch -> of(batch, live.next(), language)).toList();
  }

  private BatchBody of(BatchView batch, LiveState live, Language language) {
    BatchWork work = batch.spec().work();
    SkippedOf skipped = work.skipped();
    Safeguards rules = batch.safeguards();
    Submission how = batch.submission();
    return new BatchBody(
        batch.id(),
        batch.project(),
        work.kind().text(),
        work.sql(),
        parameters(batch),
        work.task(),
        batch.mode().text(),
        batch.status().text(),
        pending(batch.status() == BatchStatus.RUNNING ? batch.wanted() : null),
        lanes(batch.settings(), live),
        batch.settings().hasAutomaticLanes(),
        how.reason(),
        how.submittedBy(),
        batch.createdAt(),
        batch.startedAt(),
        batch.finishedAt(),
        batch.node(),
        progress(batch, live),
        chunk(batch, live),
        batch.settings().limits(),
        position(live),
        live.hold().map(BatchBodies::throttle).orElse(null),
        batch.waits().entrySet().stream()
            .map(wait -> new BatchBody.WaitBody(wait.getKey(), wait.getValue()))
            .sorted(Comparator.comparing(BatchBody.WaitBody::reason))
            .toList(),
        error(batch, language),
        undo(batch, live),
        rules.check(),
        rules.check() == null ? null : Integer.valueOf(rules.canaryChunks()),
        work.undoes(),
        batch.undoneBy(),
        work.undoes() == null
            ? null
            : Long.valueOf(batch.progress().rowsScanned() - batch.progress().rowsChanged()),
        skipped == null ? null : Long.valueOf(skipped.batch()),
        skipped == null ? null : skipped.error(),
        batch.skippedRetry(),
        how.statement(),
        work.walk(),
        rules.bounds().maxRows(),
        rules.bounds().maxDurationMillis(),
        WindowBody.of(rules.bounds().window()),
        approval(batch),
        after(batch),
        how.labels().values(),
        OnErrorBody.of(rules.onError()),
        batch.progress().rowsSkipped(),
        how.startAt(),
        how.schedule(),
        batch.step() == null ? null : Long.valueOf(batch.step().chain()),
        batch.step() == null ? null : batch.step().name());
  }

  /** Returns the pending request of a running batch for another status, as callers see it. */
  static @Nullable String pending(@Nullable BatchStatus wanted) {
    if (wanted == null) {
      return null;
    }
    return wanted == BatchStatus.CANCELLED ? "cancelling" : "pausing";
  }

  /**
   * Returns the parameters as they were sent, with secret values masked. For a saved statement,
   * removes the types that the statement gives them.
   */
  private static JsonNode parameters(BatchView batch) {
    Submission how = batch.submission();
    JsonNode stored = json(SecretValues.masked(batch.spec().work().parameters(), how.secrets()));
    return how.statement() == null ? stored : ParameterType.unnamed((ObjectNode) stored);
  }

  private static BatchBody.@Nullable ApprovalBody approval(BatchView batch) {
    Approval approval = batch.approval();
    UsualRows usual = approval == null ? null : approval.usual();
    return approval == null
        ? null
        : new BatchBody.ApprovalBody(
            batch.awaitsApproval(),
            approval.reason(),
            approval.plannedRows(),
            approval.exact(),
            usual == null ? null : Long.valueOf(usual.median()),
            usual == null ? null : usual.factor(),
            batch.submission().submittedBy(),
            List.copyOf(batch.submission().authors()),
            approval.approvedBy(),
            approval.approvedAt(),
            approval.bySchedule() ? batch.submission().schedule() : null);
  }

  /** Returns the problem document of the error of a batch; null for none. */
  @Nullable Map<String, Object> error(BatchView batch, Language language) {
    return batch.error() == null
        ? null
        : problems.document(batch.error(), path(batch.id()), language);
  }

  private static List<BatchBody.ConditionBody> after(BatchView batch) {
    return batch.dependencies().conditions().stream()
        .map(it -> new BatchBody.ConditionBody(it.batch(), BodyReader.text(it.on()), it.met()))
        .toList();
  }

  /** Returns the requested number of lanes, or the present one of a batch that chooses it. */
  static int lanes(BatchSettings settings, LiveState live) {
    return settings.hasAutomaticLanes()
        ? live.speed().map(Speed::lanes).orElse(1)
        : settings.lanes();
  }

  static BatchBody.UndoBody undo(BatchView batch, LiveState live) {
    return new BatchBody.UndoBody(
        live.undoable(),
        batch.progress().undo().rows(),
        batch.progress().undo().bytes(),
        live.undoExpires());
  }

  ProgressBody progress(BatchView batch) {
    return progress(batch, states.of(batch));
  }

  ProgressBody progress(BatchView batch, LiveState live) {
    return ProgressBody.of(batch, live.speed(), clock.instant());
  }

  static BatchBody.ChunkBody chunk(BatchView batch, LiveState live) {
    return new BatchBody.ChunkBody(live.nextChunkRows(), batch.settings().targetMillis());
  }

  static BatchBody.ThrottleBody throttle(Hold hold) {
    return new BatchBody.ThrottleBody(hold.reason(), hold.detail(), hold.since());
  }

  private static @Nullable Long position(LiveState live) {
    OptionalLong position = live.position();
    return position.isPresent() ? position.getAsLong() : null;
  }

  public static JsonNode json(String stored) {
    try {
      return StrictJson.MAPPER.readTree(stored);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("stored JSON can't be read", e);
    }
  }
}
