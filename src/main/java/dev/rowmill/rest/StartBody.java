package dev.rowmill.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.Mode;
import dev.rowmill.dispatch.OnBusy;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.rest.InvalidRequestException.Violation;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a start, to the letter: a text is a text and a number a number, and all that is
 * wrong is told at once. A member that is null counts as left out. For one thread.
 */
final class StartBody {

  private static final Set<String> MEMBERS =
      Set.of("sql", "task", "parameters", "mode", "onBusy", "chunk", "reason");
  private static final Set<String> CHUNK_MEMBERS = Set.of("rows");
  static final int FEWEST_ROWS = 10;
  static final int MOST_ROWS = 100_000;
  static final int LONGEST_REASON = 1000;

  private final ObjectNode body;
  private final List<Violation> violations = new ArrayList<>();

  private StartBody(ObjectNode body) {
    this.body = body;
  }

  /**
   * @param idempotencyKey the header's value, good or null
   * @throws InvalidRequestException with everything that is wrong with the body
   */
  static StartRequest read(
      String project, byte @Nullable [] bytes, @Nullable String idempotencyKey) {
    ObjectNode body = StrictJson.object(bytes);
    return new StartBody(body).request(project, idempotencyKey);
  }

  private StartRequest request(String project, @Nullable String idempotencyKey) {
    refuseUnknown("", body, MEMBERS);
    String sql = text("sql");
    String task = text("task");
    if (has("sql") == has("task")) {
      violation(has("sql") ? "task" : "sql", Reason.of("one-of-sql-and-task"));
    }
    ObjectNode given = object("parameters");
    Mode mode = oneOf("mode", Mode.values(), Mode::text);
    OnBusy onBusy =
        oneOf("onBusy", OnBusy.values(), value -> value.name().toLowerCase(Locale.ROOT));
    Integer chunkRows = chunkRows();
    String reason = text("reason");
    if (reason != null && reason.codePointCount(0, reason.length()) > LONGEST_REASON) {
      violation("reason", Reason.of("too-long", "max", String.valueOf(LONGEST_REASON)));
    }
    if (!violations.isEmpty()) {
      throw new InvalidRequestException(violations);
    }
    return new StartRequest(
        project,
        sql,
        task,
        given == null ? JsonNodeFactory.instance.objectNode() : given,
        mode,
        onBusy == null ? OnBusy.REJECT : onBusy,
        chunkRows,
        reason,
        idempotencyKey,
        RequestHash.of(project, body));
  }

  private @Nullable Integer chunkRows() {
    ObjectNode chunk = object("chunk");
    if (chunk == null) {
      return null;
    }
    refuseUnknown("chunk.", chunk, CHUNK_MEMBERS);
    JsonNode rows = chunk.get("rows");
    if (rows == null || rows.isNull()) {
      return null;
    }
    if (!rows.isIntegralNumber()) {
      violation("chunk.rows", Reason.of("not-a-whole-number"));
      return null;
    }
    if (!rows.canConvertToInt() || rows.intValue() < FEWEST_ROWS || rows.intValue() > MOST_ROWS) {
      violation(
          "chunk.rows",
          new Reason(
              "out-of-range",
              Map.of("min", String.valueOf(FEWEST_ROWS), "max", String.valueOf(MOST_ROWS))));
      return null;
    }
    return rows.intValue();
  }

  private void refuseUnknown(String path, ObjectNode object, Set<String> known) {
    object
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                violation(path + StrictJson.shown(name), Reason.of("unknown-member"));
              }
            });
  }

  private boolean has(String name) {
    return body.hasNonNull(name);
  }

  private @Nullable String text(String name) {
    if (!has(name)) {
      return null;
    }
    JsonNode value = body.get(name);
    if (!value.isTextual()) {
      violation(name, Reason.of("not-a-text"));
      return null;
    }
    if (value.textValue().isBlank() && !name.equals("reason")) {
      violation(name, Reason.of("blank"));
      return null;
    }
    return value.textValue();
  }

  private @Nullable ObjectNode object(String name) {
    if (!has(name)) {
      return null;
    }
    if (body.get(name) instanceof ObjectNode object) {
      return object;
    }
    violation(name, Reason.of("not-an-object"));
    return null;
  }

  private <T> @Nullable T oneOf(String name, T[] values, Function<T, String> text) {
    String given = text(name);
    if (given == null) {
      return null;
    }
    for (T value : values) {
      if (text.apply(value).equals(given)) {
        return value;
      }
    }
    violation(
        name,
        Reason.of(
            "not-one-of",
            "values",
            Arrays.stream(values).map(text).collect(Collectors.joining(", "))));
    return null;
  }

  private void violation(String field, Reason reason) {
    violations.add(new Violation(field, reason));
  }
}
