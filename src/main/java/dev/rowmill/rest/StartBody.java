package dev.rowmill.rest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rowmill.batch.Mode;
import dev.rowmill.dispatch.OnBusy;
import dev.rowmill.dispatch.SettingsChange;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.task.Refusal.Reason;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the body of a start. Stateless. */
final class StartBody {

  /** What any batch can be told. */
  static final Set<String> MANNER =
      Set.of("undo", "mode", "onBusy", "reason", "chunk", "lanes", "limits");

  private static final Set<String> MEMBERS =
      Stream.concat(
              Stream.of("sql", "task", "parameters", "check", "canaryChunks"), MANNER.stream())
          .collect(Collectors.toUnmodifiableSet());

  static final int LONGEST_REASON = 1000;
  static final int LONGEST_CHECK = 65_536;
  static final int MOST_CANARY_CHUNKS = 1000;

  /** How a batch is to run, whatever it does. */
  record Manner(
      @Nullable Boolean undo,
      @Nullable Mode mode,
      OnBusy onBusy,
      SettingsChange settings,
      @Nullable String reason) {}

  private StartBody() {}

  /**
   * @param idempotencyKey the header's value, good or null
   * @throws InvalidRequestException with everything that is wrong with the body
   */
  static StartRequest read(
      String project, byte @Nullable [] bytes, @Nullable String idempotencyKey) {
    JsonBody body = JsonBody.of(bytes);
    body.refuseUnknown(MEMBERS);
    String sql = body.textNotBlank("sql");
    String task = body.textNotBlank("task");
    if (body.has("sql") == body.has("task")) {
      body.violation(body.has("sql") ? "task" : "sql", Reason.of("one-of-sql-and-task"));
    }
    JsonBody parameters = body.object("parameters");
    String check = check(body);
    Integer canaryChunks = body.integer("canaryChunks", 1, MOST_CANARY_CHUNKS);
    if (canaryChunks != null && !body.has("check")) {
      body.violation("canaryChunks", Reason.of("only-with-check"));
    }
    Manner manner = manner(body);
    body.check();
    return new StartRequest(
        project,
        sql,
        task,
        parameters == null ? JsonNodeFactory.instance.objectNode() : parameters.node(),
        manner.undo,
        check,
        canaryChunks,
        manner.mode,
        manner.onBusy,
        manner.settings,
        manner.reason,
        idempotencyKey,
        RequestHash.of(project, body.node()));
  }

  /** Of a body that may have other members, too. */
  static Manner manner(JsonBody body) {
    Boolean undo = body.bool("undo");
    Mode mode = body.oneOf("mode", Mode.values(), Mode::text);
    OnBusy onBusy =
        body.oneOf("onBusy", OnBusy.values(), value -> value.name().toLowerCase(Locale.ROOT));
    SettingsChange settings = SettingsBody.of(body);
    String reason = body.text("reason");
    if (reason != null && reason.codePointCount(0, reason.length()) > LONGEST_REASON) {
      body.violation("reason", Reason.of("too-long", "max", String.valueOf(LONGEST_REASON)));
    }
    return new Manner(undo, mode, onBusy == null ? OnBusy.REJECT : onBusy, settings, reason);
  }

  private static @Nullable String check(JsonBody body) {
    String check = body.textNotBlank("check");
    if (check != null && check.length() > LONGEST_CHECK) {
      body.violation("check", Reason.of("too-long", "max", String.valueOf(LONGEST_CHECK)));
    }
    if (body.has("check") && body.has("task")) {
      body.violation("check", Reason.of("not-with-task"));
    }
    return check;
  }
}
