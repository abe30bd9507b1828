package dev.rowmill.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.cli.Api.Reply;
import dev.rowmill.database.Digests;
import java.util.ArrayList;
import java.util.List;
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
   * Returns the last batch of a change; null when it has none. It is the batch that the change has
   * started, and no later one that has retried its skipped rows.
   *
   * @throws CommandException when the file may not run: it has changed since, a batch of its former
   *     content has changed rows, or it was applied under another name or in another project
   */
  @Nullable JsonNode last(
      String name, ChangeOptions.Change change, Map<String, ChangeOptions.Change> all) {
    JsonNode last = started(change.path("batches"), NAME, name).stream().findFirst().orElse(null);
    if (last == null) {
      refuseMoved(name, change, all);
    } else if (!isSame(last, change) && BatchWait.exitCode(last) != ExitCode.FAILED) {
      throw CommandException.refused(
          name
              + " has changed since batch "
              + last.path("id").asText()
              + (isSucceeded(last) ? " has applied it" : " has started it")
              + ". Restore the file, and put the new change into a file with a higher number.");
    } else if (!isSame(last, change) && hasChangedRows(last)) {
      throw CommandException.refused(
          name
              + " has changed, but batch "
              + last.path("id").asText()
              + " of its former content has changed rows before it failed. Undo it: rowmill undo "
              + last.path("id").asText()
              + " --wait. Or restore the file.");
    }
    return last;
  }

  /** Refuses a renamed file. Two files of the directory may have the same content. */
  private void refuseMoved(
      String name, ChangeOptions.Change change, Map<String, ChangeOptions.Change> all) {
    for (JsonNode batch : started("batches", CONTENT, digest(change.body()))) {
      String former = batch.path("labels").path(NAME).asText();
      String project = batch.path("project").asText();
      ChangeOptions.Change other = all.get(former);
      if (other == null || !other.project().equals(project)) {
        throw CommandException.refused(
            name
                + " has the content that batch "
                + batch.path("id").asText()
                + " has as "
                + former
                + " of the project "
                + project
                + ". Restore the name and the project. To run it again, change it, such as its"
                + " reason.");
      }
    }
  }

  static boolean isDone(@Nullable JsonNode last) {
    return last != null && isSucceeded(last);
  }

  /**
   * Runs a change: starts it, or continues its batch if that has not succeeded.
   *
   * @param last its last batch
   * @return the batch
   */
  JsonNode run(String name, ChangeOptions.Change change, @Nullable JsonNode last) {
    if (last != null && continues(change, last)) {
      return BatchWait.exitCode(last) == ExitCode.FAILED ? retried(last) : last;
    }
    ObjectNode body = change.body().deepCopy();
    ObjectNode labels =
        body.get("labels") instanceof ObjectNode given ? given : body.putObject("labels");
    String content = digest(change.body());
    labels.put(NAME, name).put(CONTENT, content);
    String before = last == null ? "" : last.path("id").asText();
    return api.send(
        "POST",
        change.path("batches"),
        body,
        Map.of(
            "Idempotency-Key",
            Digests.sha256Hex(change.project() + "\n" + name + "\n" + content + before)));
  }

  /** Returns whether a run of a change continues its last batch, instead of starting another. */
  static boolean continues(ChangeOptions.Change change, JsonNode last) {
    return isSame(last, change) && !last.hasNonNull("undoneBy");
  }

  /** Returns the batch, which another caller may have retried at the same time. */
  private JsonNode retried(JsonNode last) {
    String path = "batches/" + last.path("id").asText();
    Reply reply = api.exchange("POST", path + "/retry", null, Map.of());
    return reply.body().path("type").asText().endsWith("/illegal-transition")
        ? api.get(path)
        : Api.accepted(reply);
  }

  /** Returns the batches with a label that a file has started, newest first. */
  private List<JsonNode> started(String path, String label, String value) {
    JsonNode page = api.get(path + "?limit=50&label=" + Api.encode(label + ":" + value));
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode batch : page.path("items")) {
      if (!batch.hasNonNull("skippedOf") && !batch.hasNonNull("undoes")) {
        found.add(batch);
      }
    }
    return found;
  }

  private static boolean isSame(JsonNode batch, ChangeOptions.Change change) {
    return batch.path("labels").path(CONTENT).asText().equals(digest(change.body()));
  }

  private static boolean hasChangedRows(JsonNode batch) {
    return batch.path("progress").path("rowsChanged").asLong() > 0 && !batch.hasNonNull("undoneBy");
  }

  private static boolean isSucceeded(JsonNode batch) {
    return BatchWait.exitCode(batch) == ExitCode.SUCCEEDED;
  }

  /** Returns the hash of the body, since a file may be formatted and commented anew. */
  private static String digest(ObjectNode body) {
    return Digests.sha256Hex(body.toString());
  }
}
