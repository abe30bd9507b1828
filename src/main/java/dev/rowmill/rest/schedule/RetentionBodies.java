package dev.rowmill.rest.schedule;

import dev.rowmill.rest.batch.PlanBody.WarningBody;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.schedule.ScheduleBodies.ScheduleView;
import dev.rowmill.schedule.Retention;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Holds the response bodies of retentions. Stateless. */
public final class RetentionBodies {

  private RetentionBodies() {}

  /** Represents the rules of a retention. */
  @RegisterForReflection
  @Schema(name = "RetentionRules", description = "Which rows a retention deletes")
  public record RulesView(
      @Schema(description = "Table with its schema", examples = "shop.session") String table,
      @Schema(description = "Column with the time of a row", examples = "seen_on") String column,
      @Schema(
              description = "For a column of whole numbers: what it counts since 1970",
              enumeration = {"seconds", "milliseconds"})
          @Nullable String unit,
      @Schema(description = "Duration after which rows are deleted", examples = "P90D") String keep,
      @Schema(description = "Further condition of the rows") @Nullable String where,
      @Schema(description = "Maximum number of rows of a run") @Nullable Long atMostRows,
      @Schema(description = "Whether a run drops partitions that hold only older rows")
          boolean allowDropPartition,
      @Schema(
              description = "Generated statement",
              examples = "DELETE FROM `shop`.`session` WHERE `seen_on` < :before")
          String statement) {

    static RulesView of(Retention retention) {
      return new RulesView(
          retention.table(),
          retention.column(),
          retention.unit() == null ? null : BodyReader.text(retention.unit()),
          retention.keep(),
          retention.where(),
          retention.atMostRows(),
          retention.allowDropPartition(),
          retention.statement());
    }
  }

  /** Represents a retention, with what its table is like now. */
  @RegisterForReflection
  @Schema(name = "Retention", description = "A schedule that deletes old rows, and its table")
  public record RetentionView(
      @Schema(description = "The schedule that was generated, with its rules in retention")
          ScheduleView schedule,
      @Schema(
              description = "Index that begins with the column; null where there is none",
              examples = "by_seen_on")
          @Nullable String index,
      @Schema(
              description = "What the table is partitioned by, where that depends on the column",
              examples = "to_days(`seen_on`)")
          @Nullable String partitionedBy,
      @Schema(description = "Partitions that hold only older rows now, and could be dropped")
          List<String> droppablePartitions,
      @Schema(description = "Warnings about unexpected effects") List<WarningBody> warnings) {}
}
