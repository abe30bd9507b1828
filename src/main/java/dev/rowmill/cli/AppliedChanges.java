package dev.rowmill.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.database.Digests;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells which change files have run, and runs the others. The service records them: the batch of a
 * change has the labels {@code change} with the name of the file and {@code change-content} with
 * the SHA-256 of its body.
 *
 * <p>Two callers that apply the same directory at the same time start one batch: both send the same
 * Idempotency-Key.
 *
 * <p>Stateless.
 */
final class AppliedChanges {

  private static final String NAME = "change";
  private static final String CONTENT = "change-content";

  private final Api api;

  AppliedChanges(Api api) {
    this.api = api;
  }

  /**
   * Checks that a change which has been applied is unchanged.
   *
   * @throws CommandException when it is not
   */
  void check(String name, ChangeOptions.Change change) {
    JsonNode last = last(name, change.project());
    if (last != null && !isEnded(last) && !isSame(last, change)) {
      throw CommandException.refused(
          name + " has changed while it runs, as batch " + last.path("id").asText() + ".");
    }
    if (last != null && isSucceeded(last) && !isSame(last, change)) {
      throw CommandException.refused(
          name
              + " has changed since it was applied by batch "
              + last.path("id").asText()
              + ". Restore the file, and put the new change into a file with a higher number.");
    }
  }

  boolean isDone(String name, ChangeOptions.Change change) {
    JsonNode last = last(name, change.project());
    return last != null && isSucceeded(last);
  }

  /**
   * Runs a change: starts it, or continues its batch if that has not succeeded.
   *
   * @return the batch
   */
  JsonNode run(String name, ChangeOptions.Change change) {
    JsonNode last = last(name, change.project());
    if (last != null && isSame(last, change)) {
      return isEnded(last)
          ? api.send("POST", "batches/" + last.path("id").asText() + "/retry", null)
          : last;
    }
    ObjectNode body = change.body().deepCopy();
    ObjectNode labels =
        body.get("labels") instanceof ObjectNode given ? given : body.putObject("labels");
    String content = digest(change.body());
    labels.put(NAME, name).put(CONTENT, content);
    String before = last == null ? "" : last.path("id").asText();
    return api.send(
        "POST",
        "projects/" + Api.encode(change.project()) + "/batches",
        body,
        Map.of(
            "Idempotency-Key",
            Digests.sha256Hex(change.project() + "\n" + name + "\n" + content + before)));
  }

  private @Nullable JsonNode last(String name, String project) {
    JsonNode page =
        api.get(
            "projects/"
                + Api.encode(project)
                + "/batches?limit=1&label="
                + Api.encode(NAME + ":" + name));
    return page.path("items").path(0).isObject() ? page.path("items").path(0) : null;
  }

  private static boolean isSame(JsonNode batch, ChangeOptions.Change change) {
    return batch.path("labels").path(CONTENT).asText().equals(digest(change.body()));
  }

  private static boolean isSucceeded(JsonNode batch) {
    return BatchWait.exitCode(batch) == ExitCode.SUCCEEDED;
  }

  private static boolean isEnded(JsonNode batch) {
    int exitCode = BatchWait.exitCode(batch);
    return exitCode == ExitCode.SUCCEEDED || exitCode == ExitCode.FAILED;
  }

  /** Returns the hash of the body, since a file may be formatted and commented anew. */
  private static String digest(ObjectNode body) {
    return Digests.sha256Hex(body.toString());
  }
}
