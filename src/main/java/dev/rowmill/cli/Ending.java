package dev.rowmill.cli;

import com.fasterxml.jackson.databind.JsonNode;

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
    BatchWait.Outcome outcome =
        new BatchWait(session.api(), wait.timeout(), session::say).await(batch.path("id").asLong());
    session.print(outcome.batch(), BatchText.summary(outcome.batch()));
    return outcome.exitCode();
  }
}
