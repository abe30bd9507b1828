package dev.rowmill.rest.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.Submission;
import dev.rowmill.dispatch.Confirmations;
import dev.rowmill.dispatch.OnBusy;
import dev.rowmill.dispatch.PlannedStart;
import dev.rowmill.dispatch.SettingsChange;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.RequestHash;
import dev.rowmill.rest.http.StrictJson;
import dev.rowmill.task.Refusal.Reason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads and validates the body of a start. Stateless. */
public final class StartBody {

  private static final String PLAN = "plan";
  private static final String WALK = "walk";

  /** Lists the members that every request to start a batch accepts, including an undo. */
  static final Set<String> MANNER =
      Set.of("undo", "mode", "onBusy", "reason", "chunk", "lanes", "limits");

  private static final Set<String> MEMBERS =
      Stream.concat(
              Stream.of(
                  "sql",
                  "task",
                  "statement",
                  "parameters",
                  "check",
                  "canaryChunks",
                  "wholeTable",
                  "ignore",
                  WALK,
                  BoundsBody.MAX_ROWS,
                  BoundsBody.MAX_DURATION,
                  BoundsBody.WINDOW),
              MANNER.stream())
          .collect(Collectors.toUnmodifiableSet());

  private static final Set<String> WITH_PLAN =
      Stream.concat(MEMBERS.stream(), Stream.of(PLAN)).collect(Collectors.toUnmodifiableSet());

  /** Lists the members that define the work. A start without a plan has exactly one of them. */
  private static final List<String> WORKS = List.of("sql", "task", "statement");

  public static final int LONGEST_PLAN = 64;

  /**
   * Limits the characters of a table's alias or name. MySQL allows 64 for names and 256 for
   * aliases.
   */
  public static final int LONGEST_WALK = 256;

  public static final int LONGEST_REASON = 1000;
  public static final int LONGEST_CHECK = 65_536;
  public static final int MOST_CANARY_CHUNKS = 1000;

  /** Holds the settings of a start that do not depend on its work. */
  record Manner(
      @Nullable Boolean undo,
      @Nullable Mode mode,
      OnBusy onBusy,
      SettingsChange settings,
      @Nullable String reason) {}

  private StartBody() {}

  /**
   * Reads the body of a start without a plan.
   *
   * @param idempotencyKey the header's valid value, or null
   * @throws InvalidRequestException with all violations of the body
   */
  public static StartRequest read(
      String project, byte @Nullable [] bytes, @Nullable String idempotencyKey) {
    JsonBody body = JsonBody.of(bytes);
    body.refuseUnknown(MEMBERS);
    return request(project, body, idempotencyKey, RequestHash.of(project, body.node()), false);
  }

  /** Returns a valid body in the form in which it is stored. */
  public static String text(byte @Nullable [] bytes) {
    return text(StrictJson.object(bytes));
  }

  private static String text(ObjectNode body) {
    try {
      return StrictJson.MAPPER.writeValueAsString(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what was read as JSON can be written", e);
    }
  }

  /**
   * Reads a body that names a plan. Its other members override those of the plan's own body.
   *
   * @return empty when the body names no plan
   * @throws InvalidRequestException with all violations of the body
   */
  static Optional<PlannedStart> planned(
      String project, byte @Nullable [] bytes, @Nullable String idempotencyKey) {
    JsonBody body = JsonBody.of(bytes);
    if (!body.has(PLAN)) {
      return Optional.empty();
    }
    body.refuseUnknown(WITH_PLAN);
    String plan = body.textNotBlank(PLAN);
    if (plan != null && plan.length() > LONGEST_PLAN) {
      body.violation(PLAN, Reason.of("too-long", "max", String.valueOf(LONGEST_PLAN)));
    }
    if (body.has("parameters")) {
      body.violation("parameters", Reason.of("not-with-plan"));
    }
    String hash = RequestHash.of(project, body.node());
    request(project, body, idempotencyKey, hash, true);
    return Optional.of(
        new PlannedStart(
            project,
            String.valueOf(plan),
            planBody -> whole(project, planBody, body.node(), idempotencyKey, hash),
            idempotencyKey,
            hash));
  }

  private static StartRequest whole(
      String project,
      String planBody,
      ObjectNode start,
      @Nullable String idempotencyKey,
      String hash) {
    ObjectNode whole = StrictJson.object(planBody.getBytes(StandardCharsets.UTF_8));
    start.properties().stream()
        .filter(member -> !member.getKey().equals(PLAN) && !member.getValue().isNull())
        .forEach(member -> whole.set(member.getKey(), member.getValue()));
    JsonBody body = JsonBody.of(text(whole).getBytes(StandardCharsets.UTF_8));
    return request(project, body, idempotencyKey, hash, false);
  }

  /**
   * Reads the members of a start.
   *
   * @param planned whether the plan defines the work instead of the body
   */
  private static StartRequest request(
      String project,
      JsonBody body,
      @Nullable String idempotencyKey,
      String hash,
      boolean planned) {
    String sql = body.textNotBlank("sql");
    String task = body.textNotBlank("task");
    String statement = body.textNotBlank("statement");
    List<String> works = WORKS.stream().filter(body::has).toList();
    if (!planned && works.size() != 1) {
      String second = works.isEmpty() ? WORKS.get(0) : works.get(1);
      body.violation(second, Reason.of("one-of-sql-and-task"));
    } else if (planned && !works.isEmpty()) {
      body.violation(works.get(0), Reason.of("one-of-sql-task-and-plan"));
    }
    JsonBody parameters = body.object("parameters");
    String check = check(body);
    Integer canaryChunks = body.integer("canaryChunks", 1, MOST_CANARY_CHUNKS);
    if (canaryChunks != null && !body.has("check")) {
      body.violation("canaryChunks", Reason.of("only-with-check"));
    }
    Boolean wholeTable = body.bool("wholeTable");
    Boolean ignore = body.bool("ignore");
    String walk = walk(body);
    Bounds bounds = BoundsBody.of(body);
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
        hash,
        new Confirmations(Boolean.TRUE.equals(wholeTable), Boolean.TRUE.equals(ignore)),
        new Submission(null, statement, Set.of(), bounds, walk));
  }

  /** Reads the settings of a body that may have other members, too. */
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

  private static @Nullable String walk(JsonBody body) {
    String walk = body.textNotBlank(WALK);
    if (walk != null && walk.length() > LONGEST_WALK) {
      body.violation(WALK, Reason.of("too-long", "max", String.valueOf(LONGEST_WALK)));
    }
    if (body.has(WALK) && body.has("task")) {
      body.violation(WALK, Reason.of("not-with-task"));
    }
    return walk;
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
