package dev.rowmill.rest.admin;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.Window;
import dev.rowmill.dispatch.statement.SavedStatement;
import dev.rowmill.dispatch.statement.SavedStatements;
import dev.rowmill.rest.batch.BatchBodies;
import dev.rowmill.rest.batch.StartResolver;
import dev.rowmill.rest.http.StrictJson;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Holds the response bodies of saved statements. Stateless. */
public final class StatementBodies {

  private StatementBodies() {}

  /** Represents a saved statement. */
  @RegisterForReflection
  @Schema(name = "SavedStatement", description = "A statement that can be started by its name")
  public record StatementBody(
      @Schema(description = "By which it is started", examples = "raise-prices") String name,
      @Schema(description = "The statement") String sql,
      @Schema(description = "What it is for") @Nullable String description,
      @Schema(
              description = "What each of its parameters may be, by name",
              type = SchemaType.OBJECT,
              implementation = Object.class)
          JsonNode parameters,
      @Schema(description = "The projects that it is for; * stands for any characters")
          List<String> projects,
      @Schema(description = "Rows that it may change at most") @Nullable Long maxRows,
      @Schema(description = "How long its runs may take together") @Nullable Long maxDurationMillis,
      @Nullable WindowBody window,
      @Schema(description = "Whether it is meant to have no WHERE") boolean wholeTable,
      @Schema(description = "1, and one more with each change") int version,
      @Schema(description = "Who saved it last, when callers are known") @Nullable String updatedBy,
      @Schema(description = "When it was saved last") Instant updatedAt) {

    static StatementBody of(SavedStatements.Stored stored) {
      SavedStatement statement = StartResolver.read(stored);
      JsonNode parameters = BatchBodies.json(stored.definition()).path("parameters");
      return new StatementBody(
          stored.name(),
          statement.sql(),
          statement.description(),
          parameters.isObject() ? parameters : StrictJson.MAPPER.createObjectNode(),
          statement.projects().patterns(),
          statement.bounds().maxRows(),
          statement.bounds().maxDurationMillis(),
          WindowBody.of(statement.bounds().window()),
          statement.wholeTable(),
          stored.version(),
          stored.updatedBy(),
          stored.updatedAt());
    }
  }

  /** Represents a page of saved statements. */
  @RegisterForReflection
  @Schema(name = "SavedStatementPage", description = "A page of saved statements, by name")
  public record StatementPage(
      @Schema(description = "The statements") List<StatementBody> items,
      @Schema(description = "Path of the next page; null on the last") @Nullable String next) {}

  /** Represents a window: the times of day at which a batch may run. */
  @RegisterForReflection
  @Schema(
      name = "Window",
      description =
          "Times of day in which a batch may run, as a clock on the wall of the zone shows them")
  public record WindowBody(
      @Schema(description = "Begin", examples = "22:00") String from,
      @Schema(
              description = "End; where it is not after the begin, it is the next day's",
              examples = "05:00")
          String to,
      @Schema(description = "Time zone", examples = "Europe/Berlin") String zone,
      @Schema(description = "Days on which it begins", examples = "mon") List<String> days) {

    public static @Nullable WindowBody of(@Nullable Window window) {
      return window == null
          ? null
          : new WindowBody(
              window.from().toString(),
              window.to().toString(),
              window.zone().toString(),
              window.dayCodes());
    }
  }
}
