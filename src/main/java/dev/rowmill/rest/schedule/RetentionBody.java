package dev.rowmill.rest.schedule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.InvalidRequestException.Violation;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.Unaudited;
import dev.rowmill.retention.RetentionStatement;
import dev.rowmill.retention.RetentionTable;
import dev.rowmill.retention.RetentionTable.Kind;
import dev.rowmill.retention.RetentionTask;
import dev.rowmill.schedule.Retention;
import dev.rowmill.task.Refusal.Reason;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the members of a retention that are not those of a schedule or a start. */
@RegisterForReflection
public record RetentionBody(
    @Schema(
            description =
                "Table with its schema, such as shop.session; a name with a dot is in backticks")
        @NotNull(message = "missing-value")
        @Size(min = 1, max = 200)
        @Nullable String table,
    @Schema(description = "Column with the time of a row", maxLength = 64)
        @NotNull(message = "missing-value")
        @Size(min = 1, max = 64)
        @Nullable String column,
    @Schema(description = "For a column of whole numbers: what it counts since 1970")
        Retention.@Nullable Unit unit,
    @Schema(
            description =
                "ISO 8601 duration such as P90D or PT36H; rows that are older are deleted. Years,"
                    + " months, weeks and days follow the calendar of the zone")
        @NotNull(message = "missing-value")
        @Size(min = 1, max = 50)
        @Nullable String keep,
    @Schema(description = "Further condition of the rows, with :names for parameters")
        @Size(min = 1, max = 10_000)
        @Unaudited
        @Nullable String where,
    @Schema(
            description =
                "Maximum number of rows of a run; the next one continues. The rows of dropped"
                    + " partitions don't count")
        @Min(1)
        @Nullable Long atMostRows,
    @Schema(
            description =
                "Whether a run drops partitions that hold only older rows, before it deletes the"
                    + " others. Neither can be undone then",
            defaultValue = "false")
        @Nullable Boolean allowDropPartition) {

  /** Fires once a day, at an hour that no change of clocks skips. */
  private static final String NIGHTLY = "0 4 * * *";

  private static final String PARAMETERS = "parameters";
  private static final String DROP = "allowDropPartition";

  /** Lists the members of a start that a retention generates. */
  private static final List<String> GENERATED = List.of("sql", "task", "statement", "archive");

  /**
   * Represents a request to store a retention.
   *
   * @param others members of the schedule and of its start, without its work
   */
  record Request(RetentionBody body, ObjectNode others, Instant now) {

    String project() {
      return others.path("project").asText();
    }

    boolean isLimited() {
      return body.atMostRows != null;
    }

    String table() {
      return String.valueOf(body.table);
    }

    String column() {
      return String.valueOf(body.column);
    }

    /**
     * Returns the request of the schedule.
     *
     * @param found the table as it is
     * @param oldestFirst whether the oldest rows are deleted first
     * @throws InvalidRequestException when the table does not allow the retention
     */
    ScheduleBody.Request schedule(RetentionTable found, boolean oldestFirst) {
      body.check(found);
      String column = found.columnName();
      String sql = found.statement(body.where, body.atMostRows, oldestFirst);
      ObjectNode before = RelativeTimes.before(String.valueOf(body.keep));
      if (body.unit != null) {
        before.put("epoch", BodyReader.text(body.unit));
      } else if (found.kind().equals(Optional.of(Kind.DATE))) {
        before.put("precision", "day");
      }
      ObjectNode start = others.deepCopy();
      ObjectNode parameters = start.withObjectProperty(PARAMETERS);
      parameters.set(RetentionStatement.BEFORE, before);
      boolean drops = Boolean.TRUE.equals(body.allowDropPartition);
      if (drops) {
        parameters
            .put("table", found.table())
            .put("column", column)
            .put("atMostRows", body.atMostRows)
            .put("oldestFirst", oldestFirst);
        start.put("task", RetentionTask.NAME).put("undo", false);
      } else {
        start.put("sql", sql);
      }
      return ScheduleBody.read(ScheduleBody.of(start), now)
          .of(
              new Retention(
                  found.table(),
                  column,
                  body.unit,
                  String.valueOf(body.keep),
                  body.where,
                  body.atMostRows,
                  drops,
                  sql));
    }
  }

  /**
   * Reads the body.
   *
   * @throws InvalidRequestException with all violations of the body
   */
  static Request read(byte[] bytes, Instant now) {
    ObjectNode whole = JsonBody.of(bytes).node();
    Set<String> own = BodyReader.members(RetentionBody.class);
    ObjectNode others = whole.deepCopy();
    others.remove(own);
    if (!others.hasNonNull("cron") && !others.hasNonNull("every")) {
      others.put("cron", NIGHTLY);
    }
    JsonBody body = ScheduleBody.of(whole.deepCopy().retain(own));
    RetentionBody read = BodyReader.read(body, RetentionBody.class);
    read.check(body, others, now);
    List<Violation> violations = new ArrayList<>();
    ScheduleBody.collect(violations, body::check);
    GENERATED.stream()
        .filter(others::hasNonNull)
        .forEach(name -> violations.add(new Violation(name, Reason.of("not-with-retention"))));
    others.remove(GENERATED);
    ObjectNode trial = others.deepCopy().put("sql", "-");
    ScheduleBody.collect(violations, () -> ScheduleBody.read(ScheduleBody.of(trial), now));
    if (!violations.isEmpty()) {
      throw new InvalidRequestException(violations);
    }
    if (read.where != null) {
      RetentionStatement.checkCondition(read.where);
    }
    return new Request(read, others, now);
  }

  /** Checks rules that concern the text of members, or several of them. */
  private void check(JsonBody body, ObjectNode others, Instant now) {
    if (table != null && !RetentionStatement.isTable(table)) {
      body.violation("table", Reason.of("table-with-schema"));
    }
    if (keep != null && !RelativeTimes.isAge(keep, now)) {
      body.violation("keep", Reason.of("keep"));
    }
    if (where == null && others.hasNonNull(PARAMETERS)) {
      body.violation(PARAMETERS, Reason.of("only-with-where"));
    } else if (others.path(PARAMETERS).has(RetentionStatement.BEFORE)) {
      body.violation(PARAMETERS + "." + RetentionStatement.BEFORE, Reason.of("parameter-taken"));
    }
    if (Boolean.TRUE.equals(allowDropPartition)) {
      if (where != null) {
        body.violation(DROP, Reason.of("drop-with-where"));
      }
      if (others.path("undo").asBoolean()) {
        body.violation("undo", Reason.of("drop-with-undo"));
      }
    }
  }

  /** Checks that the table allows the retention. */
  private void check(RetentionTable found) {
    List<Violation> violations = new ArrayList<>();
    String type = found.type();
    if (found.kind().isEmpty()) {
      violations.add(new Violation("column", Reason.of("not-a-time-column", "type", type)));
    } else if ((found.kind().get() == Kind.NUMBER) != (unit != null)) {
      String code = unit == null ? "unit-missing" : "unit-not-of-numbers";
      violations.add(new Violation("unit", Reason.of(code, "type", type)));
    }
    if (Boolean.TRUE.equals(allowDropPartition)) {
      if (found.partitionedBy() == null) {
        violations.add(new Violation(DROP, Reason.of("not-partitioned")));
      }
      if (found.keepsEachRow()) {
        violations.add(new Violation(DROP, Reason.of("drop-skips-triggers")));
      }
    }
    if (!violations.isEmpty()) {
      throw new InvalidRequestException(violations);
    }
  }
}
