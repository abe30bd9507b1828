package dev.rowmill.httptask;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.sql.RowQuery;
import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.run.ExchangedTable;
import dev.rowmill.sql.run.RowExchange;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.ChunkedTask;
import dev.rowmill.task.Definition;
import dev.rowmill.task.Plan;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Has a service or a worker process the rows of a query, and writes what it answers. Thread-safe.
 */
final class HttpTaskWork implements ChunkedTask<HttpTaskWork.Parameters> {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Holds the parameters of a start.
   *
   * @param select query of the rows, as {@link RowQuery} accepts it
   * @param batchRows maximum number of rows of a call
   * @param parameters values for the service and for the query
   */
  record Parameters(
      @NotNull String select, @Min(1) @Max(10_000) int batchRows, @Nullable ObjectNode parameters) {

    ObjectNode values() {
      return parameters == null ? JsonNodeFactory.instance.objectNode() : parameters;
    }
  }

  private final HttpTask task;
  private final StatementScope scope;
  private final AllowedHosts hosts;
  private final ParameterSchema schema;
  private final TaskCalls calls;

  HttpTaskWork(HttpTask task, StatementScope scope, AllowedHosts hosts, TaskCalls calls) {
    this.task = task;
    this.scope = scope;
    this.hosts = hosts;
    this.schema = ParameterSchema.of(task.schema());
    this.calls = calls;
  }

  @Override
  public String name() {
    return task.name();
  }

  @Override
  public String description() {
    return task.description();
  }

  @Override
  public Class<Parameters> parametersType() {
    return Parameters.class;
  }

  @Override
  public Map<String, String> violations(Parameters parameters) {
    Map<String, String> violations = new LinkedHashMap<>();
    schema
        .problems(parameters.values())
        .forEach((path, message) -> violations.put("parameters" + path, message));
    return violations;
  }

  private RowQuery query(Parameters parameters, String project) {
    Map<String, @Nullable Object> values =
        JSON.convertValue(
            parameters.values(),
            JSON.getTypeFactory()
                .constructMapType(LinkedHashMap.class, String.class, Object.class));
    return RowQuery.exchanging(parameters.select(), values, project, scope);
  }

  private void checkAllowed() {
    Optional<String> problem = Optional.ofNullable(task.url()).flatMap(hosts::problem);
    if (problem.isPresent()) {
      throw new Refusal(
          "task-not-allowed", Map.of("task", task.name()), List.of(Reason.of(problem.get())));
    }
  }

  @Override
  public void check(Parameters parameters, String project, Connection connection)
      throws SQLException {
    checkAllowed();
    query(parameters, project).check(connection);
  }

  @Override
  public void checkUndoable(Parameters parameters, String project, Connection connection)
      throws SQLException {
    Refusal refused =
        ExchangedTable.of(connection, query(parameters, project).compile(connection)).refused();
    if (refused != null) {
      throw refused;
    }
  }

  @Override
  public Optional<Plan.Count> planned(
      Parameters parameters, String project, Connection connection, long most, long millis)
      throws SQLException {
    return Optional.of(query(parameters, project).planned(connection, most, millis));
  }

  @Override
  public boolean isOfWholeTable(Parameters parameters) {
    return StatementParser.parseExchange(parameters.select()).where() == null;
  }

  @Override
  public Optional<Plan> plan(
      Parameters parameters, String project, Connection connection, Plan.Sizing sizing)
      throws SQLException {
    checkAllowed();
    return Optional.of(
        query(parameters, project).plan(connection, (table, walked) -> parameters.batchRows()));
  }

  @Override
  public Optional<Plan.Basis> basis(
      Parameters parameters, String project, Connection connection, boolean count)
      throws SQLException {
    return Optional.of(query(parameters, project).basis(connection, count));
  }

  @Override
  public Optional<Definition> definition(
      Parameters parameters, String project, Connection connection) throws SQLException {
    return Optional.of(query(parameters, project).definition(connection));
  }

  @Override
  public ChunkedRun open(Parameters parameters, String project, Connection connection)
      throws SQLException {
    checkAllowed();
    RowExchange exchange =
        RowExchange.open(query(parameters, project).compile(connection), connection);
    return new HttpTaskRun(
        exchange,
        lane ->
            calls.open(
                task,
                project,
                lane,
                exchange,
                parameters.values().toString(),
                parameters.batchRows()));
  }
}
