package dev.rowmill.rest.batch;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.archive.ArchiveTask;
import dev.rowmill.batch.BatchKind;
import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.Labels;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.Safeguards;
import dev.rowmill.batch.Submission;
import dev.rowmill.batch.UndoPolicy;
import dev.rowmill.dispatch.OnBusy;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.Unaudited;
import dev.rowmill.task.Refusal.Reason;
import dev.rowmill.upload.UploadTask;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import java.util.List;
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
        @Unaudited
        @Nullable String sql,
    @Schema(description = "Name of a registered task", maxLength = 64) @Size(min = 1)
        @Nullable String task,
    @Schema(
            description =
                "For an HTTP task: SELECT of columns of one table, whose rows the task processes")
        @Size(min = 1, max = 65_536)
        @Unaudited
        @Nullable String select,
    @Schema(
            description =
                "For an HTTP task with select: maximum number of rows of a call; 100 by default")
        @Min(1)
        @Max(10_000)
        @Nullable Integer batchRows,
    @Schema(description = "Name of a saved statement", maxLength = 64) @Size(min = 1)
        @Nullable String statement,
    @JsonUnwrapped UploadStart file,
    @Schema(
            description =
                "Moves rows to another table: each chunk copies and deletes its rows in one"
                    + " transaction")
        @Nullable ArchiveBody archive,
    @Schema(description = "Values of the named parameters, or the parameters of the task")
        @Unaudited
        @Nullable ObjectNode parameters,
    @Schema(
            description =
                "For a statement: one SELECT that must return one true value, with the same"
                    + " :names. It runs after canaryChunks chunks, then every minute, and at"
                    + " the end. When it is not true, the batch is paused")
        @Size(min = 1, max = 65_536)
        @Nullable String check,
    @Schema(
            description =
                "With check: number of chunks of a run after which the check first runs; 3 by"
                    + " default")
        @Min(1)
        @Max(1000)
        @Nullable Integer canaryChunks,
    @Schema(
            description =
                "Confirms a statement without a WHERE, which is rejected otherwise, unless"
                    + " rowmill.guard.require-where is off")
        @Nullable Boolean wholeTable,
    @Schema(
            description =
                "Confirms a statement with IGNORE, which skips rows that fail and is rejected"
                    + " otherwise")
        @Nullable Boolean ignore,
    @Schema(description = "What to do about a row that rejects its change")
        OnErrorBody.@Nullable Request onError,
    @Schema(
            description =
                "For an INSERT … SELECT with a join: alias or name of the table in its FROM"
                    + " whose rows the batch walks. By default, the first one that has a usable"
                    + " key")
        @Size(min = 1, max = LONGEST_WALK)
        @Nullable String walk,
    @Schema(
            description =
                "Time before which the batch does not start, with an offset, such as"
                    + " 2027-01-31T02:00:00+01:00; at most 366 days ahead. The batch is scheduled"
                    + " until then, and holds nothing",
            format = "date-time")
        @Size(min = 1, max = StartTime.LONGEST)
        @Nullable String startAt,
    @JsonUnwrapped BoundsBody bounds,
    @JsonUnwrapped Manner manner) {

  /** Lists the members that define the work. A start without a plan has exactly one of them. */
  private static final List<String> WORKS =
      List.of("sql", "task", "statement", "archive", "upload");

  /**
   * Limits the characters of a table's alias or name. MySQL allows 64 for names and 256 for
   * aliases.
   */
  private static final int LONGEST_WALK = 256;

  /** Sets the rows of a call by default. */
  private static final int ROWS_OF_CALL = 100;

  /** Defines after how many chunks a check first runs by default. */
  private static final int CANARY_CHUNKS = 3;

  /** Represents the body of a start that may name a plan. */
  public record PlannedBody(
      @Schema(
              description =
                  "Id of a plan to run. Other members override those of the plan's body;"
                      + " parameters can't be given with it")
          @Size(min = 1, max = 64)
          @Nullable String plan,
      @JsonUnwrapped StartBody start) {

    /**
     * Reads the body.
     *
     * @throws InvalidRequestException with all violations of the body
     */
    public static PlannedBody read(JsonBody body) {
      if (!body.has("plan")) {
        return new PlannedBody(null, StartBody.read(body));
      }
      PlannedBody read = BodyReader.read(body, PlannedBody.class);
      if (body.has("parameters")) {
        body.violation("parameters", Reason.of("not-with-plan"));
      }
      WORKS.stream()
          .filter(body::has)
          .findFirst()
          .ifPresent(name -> body.violation(name, Reason.of("one-of-sql-task-and-plan")));
      read.start.collectOthers(body);
      body.check();
      return read;
    }
  }

  /** Represents the members that every request to start a batch accepts, including an undo. */
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
              description =
                  "What to do while the project has an active batch: reject the start by default,"
                      + " or queue it")
          @Nullable OnBusy onBusy,
      @JsonUnwrapped PredecessorsBody predecessors,
      @JsonUnwrapped SettingsBody settings,
      @Schema(description = "Reason for the batch, in the caller's words") @Size(max = 1000)
          @Nullable String reason,
      @Schema(ref = "#/components/schemas/Labels") @Nullable Labels labels) {

    /** Checks rules that concern several members, and reports all violations. */
    void check(JsonBody body) {
      predecessors.check(body);
    }

    /** Returns a request with these members over its own. */
    StartRequest over(StartRequest base) {
      BatchSpec spec = base.spec();
      Submission how = spec.submission();
      how = labels == null ? how : how.labelled(labels);
      OnBusy busy = or(onBusy, base.onBusy());
      return new StartRequest(
          new BatchSpec(
              spec.project(),
              spec.work(),
              or(mode, spec.mode()),
              settings.over(spec.settings()),
              undo == null
                  ? spec.safeguards()
                  : spec.safeguards().with(undo ? UndoPolicy.YES : UndoPolicy.NO),
              reason == null ? how : how.because(reason)),
          busy,
          predecessors.over(base.predecessors(), busy),
          base.idempotencyKey(),
          base.requestHash());
    }
  }

  /**
   * Reads the body of a start without a plan.
   *
   * @throws InvalidRequestException with all violations of the body
   */
  public static StartBody read(JsonBody body) {
    StartBody read = BodyReader.read(body, StartBody.class);
    read.collect(body);
    body.check();
    return read;
  }

  /** Checks rules that concern several members of a start without a plan. */
  void collect(JsonBody body) {
    List<String> works = WORKS.stream().filter(body::has).toList();
    if (works.size() != 1) {
      String second = works.isEmpty() ? WORKS.get(0) : works.get(1);
      body.violation(second, Reason.of("one-of-sql-and-task"));
    }
    collectOthers(body);
  }

  private void collectOthers(JsonBody body) {
    StartTime.check(body, "startAt", startAt);
    if (canaryChunks != null && !body.has("check")) {
      body.violation("canaryChunks", Reason.of("only-with-check"));
    }
    if (onError != null) {
      onError.problem().ifPresent(reason -> body.violation("onError.maxSkipped", reason));
    }
    Stream.of("check", "walk")
        .filter(
            name -> body.has(name) && Stream.of("task", "archive", "upload").anyMatch(body::has))
        .forEach(name -> body.violation(name, Reason.of("not-with-task")));
    file.check(body);
    if (archive != null) {
      archive.check(body);
    }
    Stream.of("select", "batchRows")
        .filter(name -> body.has(name) && !body.has("task"))
        .forEach(name -> body.violation(name, Reason.of("only-with-task")));
    if (batchRows != null && !body.has("select")) {
      body.violation("batchRows", Reason.of("only-with-select"));
    }
    if (select != null && body.has("chunk")) {
      body.violation("chunk", Reason.of("not-with-select"));
    }
    manner.check(body);
  }

  /**
   * Returns a request with these members over its own, which are those of a plan or defaults.
   *
   * @throws InvalidRequestException when the plan's work does not allow them
   */
  public StartRequest over(StartRequest base) {
    StartRequest request =
        manner.over(archive != null && archive.isToFiles() ? ofParts(base) : base);
    BatchSpec spec = request.spec();
    BatchWork work = spec.work();
    if (work.kind() == BatchKind.TASK && (check != null || walk != null)) {
      throw new InvalidRequestException(
          check == null ? "walk" : "check", Reason.of("not-with-task"));
    }
    Safeguards rules = spec.safeguards();
    int canary = rules.canaryChunks() == 0 ? CANARY_CHUNKS : rules.canaryChunks();
    return request.with(
        new BatchSpec(
            spec.project(),
            work(work),
            spec.mode(),
            select == null ? spec.settings() : ofCalls(spec.settings()),
            new Safeguards(
                rules.keep(),
                check == null ? rules.check() : check,
                check == null ? rules.canaryChunks() : or(canaryChunks, canary),
                or(wholeTable, rules.wholeTable()),
                or(ignore, rules.ignore()),
                bounds.over(rules.bounds()),
                onError == null ? rules.onError() : onError.rules()),
            submission(spec.submission())));
  }

  private Submission submission(Submission base) {
    Submission of = statement == null ? base : base.of(statement);
    return startAt == null ? of : of.at(StartTime.of(startAt));
  }

  private static StartRequest ofParts(StartRequest base) {
    return base.with(base.spec().with(ExportBody.ofParts(base.spec().settings())));
  }

  /** Returns settings for a batch whose chunks are the rows of a call. */
  private BatchSettings ofCalls(BatchSettings base) {
    return new BatchSettings(rowsOfCall(), null, base.lanes(), base.limits());
  }

  private int rowsOfCall() {
    return batchRows == null ? ROWS_OF_CALL : batchRows;
  }

  private BatchWork work(BatchWork base) {
    if (task != null && select != null) {
      ObjectNode values = JsonNodeFactory.instance.objectNode();
      values.put("select", select).put("batchRows", rowsOfCall());
      if (parameters != null) {
        values.set("parameters", parameters);
      }
      return BatchWork.task(task, values.toString());
    }
    String values = parameters == null ? base.parameters() : parameters.toString();
    if (archive != null) {
      return BatchWork.task(ArchiveTask.NAME, archive.parameters(parameters).toString());
    }
    if (file.upload() != null) {
      return BatchWork.task(UploadTask.NAME, file.parameters().toString());
    }
    return task != null
        ? BatchWork.task(task, values)
        : new BatchWork(
            base.kind(),
            base.task(),
            sql == null ? base.sql() : sql,
            walk == null ? base.walk() : walk,
            values,
            null,
            null);
  }

  private static <T> T or(@Nullable T given, T other) {
    return given == null ? other : given;
  }
}
