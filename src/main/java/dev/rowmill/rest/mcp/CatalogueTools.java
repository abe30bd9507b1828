package dev.rowmill.rest.mcp;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.dispatch.statement.SavedStatement;
import dev.rowmill.dispatch.statement.SavedStatements;
import dev.rowmill.rest.batch.StartResolver;
import dev.rowmill.rest.http.StrictJson;
import dev.rowmill.rest.mcp.AgentTool.Effect;
import dev.rowmill.security.Callers;
import dev.rowmill.sql.table.TableCatalogue;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Provides the tools that list what a change can use. Safe for many threads. */
@ApplicationScoped
class CatalogueTools {

  /** Limits the schemas, tables or saved statements that a call returns. */
  private static final int MOST = 200;

  private static final String PAGE =
      "At most "
          + MOST
          + ", by name. If truncated is true, call it again with the last name as after.";

  private static final String AFTER = "Only later names, to continue a truncated list";

  private final TableCatalogue tables;
  private final SavedStatements statements;
  private final Callers callers;
  private final ObjectMapper mapper;

  CatalogueTools(
      TableCatalogue tables, SavedStatements statements, Callers callers, ObjectMapper mapper) {
    this.tables = tables;
    this.statements = statements;
    this.callers = callers;
    this.mapper = mapper;
  }

  List<AgentTool<?>> tools() {
    return List.of(
        AgentTool.of(
            "list_tables",
            "List tables",
            "Returns the tables of a schema with the server's estimates of their rows; without a"
                + " schema, the names of the schemas. "
                + PAGE,
            TableList.class,
            Effect.READS,
            this::listTables),
        AgentTool.of(
            "describe_table",
            "Describe a table",
            "Returns the columns and indexes of a table.",
            TableId.class,
            Effect.READS,
            this::describe),
        AgentTool.of(
            "list_statements",
            "List saved statements",
            "Returns the saved statements that you may plan by their names, with the rules for their"
                + " parameters. "
                + PAGE,
            StatementList.class,
            Effect.READS,
            this::listStatements));
  }

  /** Represents the arguments of a list of tables. */
  @RegisterForReflection
  public record TableList(
      @Schema(description = "Name of the schema; all schemas are listed without it")
          @Size(min = 1, max = 64)
          @Nullable String schema,
      @Schema(description = AFTER) @Size(max = 64) @Nullable String after) {}

  /** Represents the arguments of a list of saved statements. */
  @RegisterForReflection
  public record StatementList(
      @Schema(description = AFTER) @Size(max = 64) @Nullable String after) {}

  /** Represents the arguments that name a table. */
  @RegisterForReflection
  public record TableId(
      @Schema(description = "Name of the schema")
          @NotNull(message = "missing-value")
          @Size(min = 1, max = 64)
          @Nullable String schema,
      @Schema(description = "Name of the table")
          @NotNull(message = "missing-value")
          @Size(min = 1, max = 64)
          @Nullable String table) {}

  private ToolResult listTables(TableList arguments) {
    String schema = arguments.schema;
    String after = Objects.requireNonNullElse(arguments.after, "");
    return schema == null
        ? listed("schemas", tables.schemas(after, MOST + 1))
        : listed("tables", tables.tables(schema, after, MOST + 1));
  }

  private ToolResult listed(String name, List<?> found) {
    List<?> shown = found.size() > MOST ? found.subList(0, MOST) : found;
    return ToolResult.empty()
        .with("truncated", found.size() > MOST)
        .withData(name, ToolResult.json(mapper, shown));
  }

  private ToolResult describe(TableId arguments) {
    return ToolResult.empty()
        .withData(
            "table",
            ToolResult.json(
                mapper,
                tables.describe(
                    Objects.requireNonNull(arguments.schema),
                    Objects.requireNonNull(arguments.table))));
  }

  private ToolResult listStatements(StatementList arguments) {
    ArrayNode items = StrictJson.MAPPER.createArrayNode();
    List<SavedStatements.Stored> page =
        statements.list(Objects.requireNonNullElse(arguments.after, ""), MOST);
    while (!page.isEmpty() && items.size() <= MOST) {
      for (SavedStatements.Stored stored : page) {
        SavedStatement statement = StartResolver.read(stored);
        if (statement.isFor(callers.current().projects())) {
          items.add(item(stored.name(), statement));
        }
      }
      page = statements.list(page.get(page.size() - 1).name(), MOST);
    }
    boolean truncated = items.size() > MOST;
    while (items.size() > MOST) {
      items.remove(items.size() - 1);
    }
    return ToolResult.empty().with("truncated", truncated).withData("statements", items);
  }

  private ObjectNode item(String name, SavedStatement statement) {
    ObjectNode item = StrictJson.MAPPER.createObjectNode();
    item.put("name", name).put("sql", statement.sql()).put("description", statement.description());
    item.set("parameters", ToolResult.json(mapper, statement.parameters()));
    item.set("projects", ToolResult.json(mapper, statement.projects().patterns()));
    return item;
  }
}
