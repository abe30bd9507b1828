package dev.rowmill.rest.batch;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonRootName;
import dev.rowmill.batch.Condition;
import dev.rowmill.batch.ExpectedEnd;
import dev.rowmill.batch.Predecessors;
import dev.rowmill.dispatch.OnBusy;
import dev.rowmill.dispatch.QueueAfter;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.task.Refusal.Reason;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the members of a start that name the batches for which it waits. */
@RegisterForReflection
public record PredecessorsBody(
    @Schema(
            description =
                "Batches of any project that must end before this one is queued. Until then it is"
                    + " waiting. If one ends in another way, it is cancelled")
        @Size(max = 20)
        @Nullable List<AfterBody> after,
    @Schema(
            description =
                "For onBusy queue: how the last batch of the project's queue must end before this"
                    + " one, ended by default. With succeeded, this one is cancelled when that one"
                    + " fails or is cancelled")
        @Nullable QueueAfter queueAfter) {

  /** Represents a batch that must end before. */
  @RegisterForReflection
  @JsonRootName("Predecessor")
  @JsonClassDescription("A batch that must end before")
  public record AfterBody(
      @Schema(description = "Id of the batch") @NotNull(message = "missing-value") @Min(1)
          @Nullable Long batch,
      @Schema(
              description =
                  "How it must end: succeeded, failed (a cancelled batch has not failed), or ended"
                      + " in any way",
              defaultValue = "succeeded")
          @Nullable ExpectedEnd on) {

    private Condition condition() {
      return Condition.open(batch == null ? 0 : batch, on == null ? ExpectedEnd.SUCCEEDED : on);
    }
  }

  /** Reports each batch that is named twice. */
  void check(JsonBody body) {
    Set<Long> seen = new HashSet<>();
    for (int i = 0; after != null && i < after.size(); i++) {
      Long batch = after.get(i).batch;
      if (batch != null && !seen.add(batch)) {
        body.violation("after." + i + ".batch", Reason.of("duplicate"));
      }
    }
  }

  /**
   * Returns these predecessors over those of a plan.
   *
   * @throws InvalidRequestException when the start does not queue, but says after what
   */
  Predecessors over(Predecessors base, OnBusy onBusy) {
    boolean queues = onBusy == OnBusy.QUEUE;
    if (queueAfter != null && !queues) {
      throw new InvalidRequestException("queueAfter", Reason.of("only-with-queue"));
    }
    boolean last = queueAfter == null ? base.lastOfQueue() : queueAfter == QueueAfter.SUCCEEDED;
    List<Condition> conditions =
        after == null ? base.conditions() : after.stream().map(AfterBody::condition).toList();
    return new Predecessors(conditions, last && queues);
  }
}
