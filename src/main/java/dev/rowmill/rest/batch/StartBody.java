package dev.rowmill.rest.batch;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.Submission;
import dev.rowmill.dispatch.Confirmations;
import dev.rowmill.dispatch.OnBusy;
import dev.rowmill.dispatch.PlannedStart;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.RequestHash;
import dev.rowmill.rest.http.StrictJson;
import dev.rowmill.task.Refusal.Reason;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the body of a start. */
@RegisterForReflection
public record StartBody(
    @Schema(
            description =
                "One UPDATE, DELETE, INSERT or REPLACE … SELECT that changes one table, with"
                    + " :names for parameters; :project is bound to the path's project")
        @Size(min = 1)
        @Nullable String sql,
    @Schema(description = "Name of a registered task", maxLength = 64) @Size(min = 1)
        @Nullable String task,
    @Schema(description = "Name of a saved statement", maxLength = 64) @Size(min = 1)
        @Nullable String statement,
    @Schema(description = "Values of the named parameters, or the parameters of the task")
        @Nullable ObjectNode parameters,
    @Schema(
            description =
                "For a statement: one SELECT that must return one true value, with the same"
                    + " :names. It runs after canaryChunks chunks, then every minute, and at"
                    + " the end. When it is not true, the batch is paused")
        @Size(min = 1, max = 65_536)
        @Nullable String check,
    @Schema(
            description = "Number of chunks of a run after which the check first runs",
            defaultValue = "3")
        @Min(1)
        @Max(1000)
        @Nullable Integer canaryChunks,
    @Schema(
            description =
                "Confirms a statement without a WHERE, which is rejected otherwise, unless"
                    + " rowmill.guard.require-where is off",
            defaultValue = "false")
        @Nullable Boolean wholeTable,
    @Schema(
            description =
                "Confirms a statement with IGNORE, which skips rows that fail and is rejected"
                    + " otherwise",
            defaultValue = "false")
        @Nullable Boolean ignore,
    @Schema(
            description =
                "For an INSERT … SELECT with a join: alias or name of the table in its FROM"
                    + " whose rows the batch walks. By default, the first one that has a usable"
                    + " key")
        @Size(min = 1, max = LONGEST_WALK)
        @Nullable String walk,
    @JsonUnwrapped BoundsBody bounds,
    @JsonUnwrapped Manner manner) {

  private static final String PLAN = "plan";
  private static final String WALK = "walk";

  /** Lists the members that define the work. A start without a plan has exactly one of them. */
  private static final List<String> WORKS = List.of("sql", "task", "statement");

  /**
   * Limits the characters of a table's alias or name. MySQL allows 64 for names and 256 for
   * aliases.
   */
  private static final int LONGEST_WALK = 256;

  /** Represents the body of a start that may name a plan. */
  @RegisterForReflection
  public record PlannedBody(
      @Schema(
              description =
                  "Id of a plan to run. Other members override those of the plan's body;"
                      + " parameters can't be given with it")
          @Size(min = 1, max = 64)
          @Nullable String plan,
      @JsonUnwrapped StartBody start) {}

  /** Represents the members that every request to start a batch accepts, including an undo. */
  @RegisterForReflection
  public record Manner(
      @Schema(
              description =
                  "Whether to store undo data. true is rejected when the batch can't be undone; by"
                      + " default, undo data are stored where possible")
          @Nullable Boolean undo,
      @Schema(
              description =
                  "serial: never at the same time as another serial batch, in the order of"
                      + " submission")
          @Nullable Mode mode,
      @Schema(
              description = "What to do while the project has an active batch",
              defaultValue = "reject")
          @Nullable OnBusy onBusy,
      @JsonUnwrapped SettingsBody settings,
      @Schema(description = "Reason for the batch, in the caller's words") @Size(max = 1000)
          @Nullable String reason) {

    /** Returns what to do while the project is busy. */
    OnBusy busy() {
      return onBusy == null ? OnBusy.REJECT : onBusy;
    }
  }

  /**
   * Reads the body of a start without a plan.
   *
   * @param idempotencyKey the header's valid value, or null
   * @throws InvalidRequestException with all violations of the body
   */
  public static StartRequest read(
      String project, byte @Nullable [] bytes, @Nullable String idempotencyKey) {
    JsonBody body = JsonBody.of(bytes);
    StartBody start = BodyReader.read(body, StartBody.class);
    return request(
        project, body, start, idempotencyKey, RequestHash.of(project, body.node()), false);
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
    PlannedBody start = BodyReader.read(body, PlannedBody.class);
    if (body.has("parameters")) {
      body.violation("parameters", Reason.of("not-with-plan"));
    }
    String hash = RequestHash.of(project, body.node());
    request(project, body, start.start, idempotencyKey, hash, true);
    return Optional.of(
        new PlannedStart(
            project,
            String.valueOf(start.plan),
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
    StartBody read = BodyReader.members(body, StartBody.class);
    return request(project, body, read, idempotencyKey, hash, false);
  }

  /**
   * Returns the request, after checks that concern several members.
   *
   * @param planned whether the plan defines the work instead of the body
   */
  private static StartRequest request(
      String project,
      JsonBody body,
      StartBody start,
      @Nullable String idempotencyKey,
      String hash,
      boolean planned) {
    List<String> works = WORKS.stream().filter(body::has).toList();
    if (!planned && works.size() != 1) {
      String second = works.isEmpty() ? WORKS.get(0) : works.get(1);
      body.violation(second, Reason.of("one-of-sql-and-task"));
    } else if (planned && !works.isEmpty()) {
      body.violation(works.get(0), Reason.of("one-of-sql-task-and-plan"));
    }
    if (start.canaryChunks != null && !body.has("check")) {
      body.violation("canaryChunks", Reason.of("only-with-check"));
    }
    Stream.of("check", WALK)
        .filter(name -> body.has(name) && body.has("task"))
        .forEach(name -> body.violation(name, Reason.of("not-with-task")));
    Bounds bounds = start.bounds.bounds(body);
    body.check();
    Manner manner = start.manner;
    return new StartRequest(
        project,
        start.sql,
        start.task,
        start.parameters == null ? JsonNodeFactory.instance.objectNode() : start.parameters,
        manner.undo,
        start.check,
        start.canaryChunks,
        manner.mode,
        manner.busy(),
        manner.settings.change(body.node()),
        manner.reason,
        idempotencyKey,
        hash,
        new Confirmations(Boolean.TRUE.equals(start.wholeTable), Boolean.TRUE.equals(start.ignore)),
        new Submission(null, start.statement, Set.of(), bounds, start.walk));
  }
}
