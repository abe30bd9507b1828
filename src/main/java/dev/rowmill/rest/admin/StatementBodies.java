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
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Holds the response bodies of saved statements. Stateless. */
public final class StatementBodies {

  private StatementBodies() {}

  /** Represents a saved statement. */
  @RegisterForReflection
  @Schema(name = "SavedStatement", description = "A statement that callers can start by name")
  public record StatementBody(
      @Schema(description = "Name by which callers start it", examples = "raise-prices")
          String name,
      @Schema(
              description = "The statement",
              examples = "UPDATE shop.item SET price = price * :factor")
          String sql,
      @Schema(description = "Purpose of the statement") @Nullable String description,
      @Schema(description = "Rules for the values of each parameter, by name") JsonNode parameters,
      @Schema(description = "Patterns of the projects that may start it; * matches any characters")
          List<String> projects,
      @Schema(description = "Maximum number of rows that it may change") @Nullable Long maxRows,
      @Schema(description = "Maximum total duration of its runs, in milliseconds")
          @Nullable Long maxDurationMillis,
      @Nullable WindowBody window,
      @Schema(description = "Whether it may have no WHERE") boolean wholeTable,
      @Schema(description = "Version, from 1, incremented by each change") int version,
      @Schema(description = "Caller that saved it last, when callers are known")
          @Nullable String updatedBy,
      @Schema(description = "Time at which it was saved last") Instant updatedAt) {

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
}
