package dev.rowmill.rest.admin;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.dispatch.statement.SavedStatement;
import dev.rowmill.dispatch.statement.SavedStatements;
import dev.rowmill.rest.batch.BatchBodies;
import dev.rowmill.rest.batch.StartResolver;
import dev.rowmill.rest.batch.WindowBody;
import dev.rowmill.rest.http.StrictJson;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Saved statements as callers see them. Stateless. */
public final class StatementBodies {

  private StatementBodies() {}

  /** A saved statement. */
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

  /** A page of saved statements. */
  @RegisterForReflection
  @Schema(name = "SavedStatementPage", description = "A page of saved statements, by name")
  public record StatementPage(
      @Schema(description = "The statements") List<StatementBody> items,
      @Schema(description = "Path of the next page; null on the last") @Nullable String next) {}
}
