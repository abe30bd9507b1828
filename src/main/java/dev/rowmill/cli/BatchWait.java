package dev.rowmill.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.cli.Api.Reply;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the end of a batch. Continues when the service is away for a short time, such as during
 * its restart. Not thread-safe.
 */
final class BatchWait {

  /** Limits the time for which the service may be away. */
  private static final Duration LONGEST_ABSENCE = Duration.ofMinutes(2);

  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);

  private final Api api;
  private final long deadline;
  private final Consumer<String> notice;

  private @Nullable Long awaySince;

  /**
   * @param timeout null for none
   * @param notice receives what the caller should know meanwhile
   */
  BatchWait(Api api, @Nullable Duration timeout, Consumer<String> notice) {
    this.api = api;
    this.notice = notice;
    this.deadline = System.nanoTime() + (timeout == null ? Durations.LONGEST : timeout).toNanos();
  }

  /**
   * Represents the batch after the wait.
   *
   * @param exitCode of the command that waits
   */
  record Outcome(JsonNode batch, int exitCode) {}

  /**
   * Returns when the batch has ended, needs a person, or when the time has passed.
   *
   * @throws CommandException when the batch is not found, or the service stays away
   */
  Outcome await(long id) {
    boolean paused = false;
    while (true) {
      JsonNode batch = read(id, left());
      if (!paused && batch.path("status").asText().equals("paused")) {
        notice.accept(BatchText.summary(batch));
      }
      paused = batch.path("status").asText().equals("paused");
      int exitCode = exitCode(batch);
      if (exitCode >= 0) {
        return new Outcome(batch, exitCode);
      }
      if (left().isZero()) {
        return new Outcome(batch, ExitCode.TIMED_OUT);
      }
    }
  }

  /** Returns the batch as it is now, or at the latest when the wait has passed. */
  JsonNode read(long id, Duration wait) {
    while (true) {
      try {
        Reply reply = api.awaitBatch(id, wait);
        if (reply.isAccepted()) {
          JsonNode batch = Api.accepted(reply);
          awaySince = null;
          return batch;
        }
        if (reply.status() < 500) {
          throw CommandException.refused(reply.problem());
        }
        pause(CommandException.error(reply.problem()));
      } catch (CommandException e) {
        if (e.exitCode() != ExitCode.ERROR) {
          throw e;
        }
        pause(e);
      }
    }
  }

  /**
   * Returns the exit code for an ended batch, or one that waits for a person: for an approval, or
   * for a decision after a failed check. Returns -1 for any other.
   */
  static int exitCode(JsonNode batch) {
    return switch (batch.path("status").asText()) {
      case "succeeded" -> ExitCode.SUCCEEDED;
      case "failed", "cancelled" -> ExitCode.FAILED;
      case "paused" -> batch.path("error").isObject() ? ExitCode.NEEDS_PERSON : -1;
      default -> BatchText.needsApproval(batch) ? ExitCode.NEEDS_PERSON : -1;
    };
  }

  Duration left() {
    return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
  }

  private void pause(CommandException failure) {
    long now = System.nanoTime();
    if (awaySince == null) {
      awaySince = now;
    }
    if (left().isZero() || now - awaySince > LONGEST_ABSENCE.toNanos()) {
      throw failure;
    }
    sleep(BETWEEN_TRIES);
  }

  static void sleep(Duration duration) {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandException.error("Interrupted.");
    }
  }
}
