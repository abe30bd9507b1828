package dev.rowmill.rest.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.Approval;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Hold;
import dev.rowmill.batch.SecretValues;
import dev.rowmill.dispatch.BatchControl;
import dev.rowmill.dispatch.statement.ParameterType;
import dev.rowmill.progress.RunRecords;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.Problems;
import dev.rowmill.rest.http.StrictJson;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.Comparator;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Converts batches to the form that callers see. Safe for many threads. */
@ApplicationScoped
public class BatchBodies {

  private final BatchControl control;
  private final RunRecords records;
  private final Problems problems;
  private final Clock clock;

  BatchBodies(BatchControl control, RunRecords records, Problems problems, Clock clock) {
    this.control = control;
    this.records = records;
    this.problems = problems;
    this.clock = clock;
  }

  /** Returns the path of a batch. */
  static String path(long id) {
    return "/api/v1/batches/" + id;
  }

  BatchBody of(BatchView batch, Language language) {
    return new BatchBody(
        batch.id(),
        batch.project(),
        batch.kind().text(),
        batch.sql(),
        parameters(batch),
        batch.task(),
        batch.mode().text(),
        batch.status().text(),
        pending(batch),
        batch.settings().lanes(),
        batch.reason(),
        batch.terms().submittedBy(),
        batch.createdAt(),
        batch.startedAt(),
        batch.finishedAt(),
        batch.node(),
        progress(batch),
        chunk(batch),
        batch.settings().limits(),
        position(batch),
        throttle(batch),
        batch.waits().entrySet().stream()
            .map(wait -> new BatchBody.WaitBody(wait.getKey(), wait.getValue()))
            .sorted(Comparator.comparing(BatchBody.WaitBody::reason))
            .toList(),
        batch.error() == null ? null : problems.document(batch.error(), path(batch.id()), language),
        undo(batch),
        batch.safety().check(),
        batch.safety().check() == null ? null : Integer.valueOf(batch.safety().canaryChunks()),
        batch.undoes(),
        batch.undoneBy(),
        batch.undoes() == null
            ? null
            : Long.valueOf(batch.progress().rowsScanned() - batch.progress().rowsChanged()),
        batch.terms().statement(),
        batch.terms().walk(),
        batch.terms().bounds().maxRows(),
        batch.terms().bounds().maxDurationMillis(),
        WindowBody.of(batch.terms().bounds().window()),
        approval(batch));
  }

  private static @Nullable String pending(BatchView batch) {
    BatchStatus wanted = batch.wanted();
    if (batch.status() != BatchStatus.RUNNING || wanted == null) {
      return null;
    }
    return wanted == BatchStatus.CANCELLED ? "cancelling" : "pausing";
  }

  /**
   * Returns the parameters as they were sent, with secret values masked. For a saved statement,
   * removes the types that the statement gives them.
   */
  private static JsonNode parameters(BatchView batch) {
    JsonNode stored = json(SecretValues.masked(batch.parameters(), batch.terms().secrets()));
    if (batch.terms().statement() == null) {
      return stored;
    }
    ObjectNode sent = StrictJson.MAPPER.createObjectNode();
    stored
        .properties()
        .forEach(member -> sent.set(member.getKey(), ParameterType.unnamed(member.getValue())));
    return sent;
  }

  private static BatchBody.@Nullable ApprovalBody approval(BatchView batch) {
    Approval approval = batch.approval();
    return approval == null
        ? null
        : new BatchBody.ApprovalBody(
            batch.awaitsApproval(),
            approval.plannedRows(),
            approval.exact(),
            batch.terms().submittedBy(),
            approval.approvedBy(),
            approval.approvedAt());
  }

  BatchBody.UndoBody undo(BatchView batch) {
    return new BatchBody.UndoBody(
        control.isUndoable(batch),
        batch.progress().kept().rows(),
        batch.progress().kept().bytes(),
        control.undoExpires(batch).orElse(null));
  }

  ProgressBody progress(BatchView batch) {
    return ProgressBody.of(batch, records.speed(batch.id()), clock.instant());
  }

  BatchBody.ChunkBody chunk(BatchView batch) {
    return new BatchBody.ChunkBody(control.nextChunkRows(batch), batch.settings().targetMillis());
  }

  private BatchBody.@Nullable ThrottleBody throttle(BatchView batch) {
    return control.hold(batch).map(BatchBodies::throttle).orElse(null);
  }

  static BatchBody.ThrottleBody throttle(Hold hold) {
    return new BatchBody.ThrottleBody(hold.reason(), hold.detail(), hold.since());
  }

  private @Nullable Long position(BatchView batch) {
    OptionalLong position = control.position(batch);
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
