package dev.rowmill.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reports a batch that a command has started. Stateless. */
final class Ending {

  private Ending() {}

  /**
   * Prints the batch, after its end if that is wanted.
   *
   * @return the exit code
   */
  static int report(Session session, WaitOptions wait, JsonNode batch) {
    if (!wait.isWanted()) {
      session.print(batch, BatchText.summary(batch));
      return BatchText.needsApproval(batch) ? ExitCode.NEEDS_PERSON : ExitCode.SUCCEEDED;
    }
    session.say(BatchText.summary(batch));
    return await(session, wait.timeout(), batch.path("id").asLong());
  }

  /**
   * Prints a batch after its end.
   *
   * @param timeout null for none
   * @return the exit code
   */
  static int await(Session session, @Nullable Duration timeout, long id) {
    BatchWait.Outcome outcome = new BatchWait(session.api(), timeout, session::say).await(id);
    session.print(outcome.batch(), BatchText.summary(outcome.batch()));
    return outcome.exitCode();
  }
}
