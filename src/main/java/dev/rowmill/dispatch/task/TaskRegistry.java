package dev.rowmill.dispatch.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.dispatch.task.InvalidParametersException.Violation;
import dev.rowmill.task.BatchTask;
import dev.rowmill.task.DataCheck;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.TaskSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.validation.Validator;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds tasks: every CDI bean that is a {@link BatchTask}, and those of the {@link TaskSource}. The
 * tasks {@code sql}, {@code skipped} and {@code undo} run statements, repeat them for skipped rows
 * and undo batches, and {@code retention} runs those of schedules; callers can't request them by
 * name. Safe for many threads.
 */
@ApplicationScoped
public class TaskRegistry {

  private static final String SQL = "sql";
  private static final String SKIPPED = "skipped";
  private static final String UNDO = "undo";
  private static final String RETENTION = "retention";

  /** Holds the names of the tasks that callers can't request by name. */
  private static final Set<String> OWN = Set.of(SQL, SKIPPED, UNDO, RETENTION);

  /**
   * Reads parameters strictly: an input that doesn't fit the task's record is an error that names
   * the field.
   */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              text ->
                  text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .findAndAddModules()
          .build();

  private final SortedMap<String, BatchTask<?>> tasks = new TreeMap<>();
  private final Validator validator;
  private final DataCheck check;
  private final TaskSource source;

  TaskRegistry(
      @Any Instance<BatchTask<?>> beans, Validator validator, DataCheck check, TaskSource source) {
    this.validator = validator;
    this.check = check;
    this.source = source;
    for (BatchTask<?> task : beans) {
      BatchTask<?> other = tasks.put(task.name(), task);
      if (other != null) {
        throw new IllegalStateException("two tasks are named " + task.name());
      }
    }
  }

  /** Returns whether a bean has a name, also one that callers can't request. */
  public boolean isOfBean(String name) {
    return tasks.containsKey(name);
  }

  /** Returns the beans that callers can request by name, ordered by name. */
  public List<BatchTask<?>> all() {
    return tasks.values().stream().filter(task -> !OWN.contains(task.name())).toList();
  }

  /** Returns the check of a batch, with its values; empty without one. */
  public Optional<BoundCheck> check(BatchSpec spec) {
    return Optional.ofNullable(spec.safeguards().check())
        .map(
            it ->
                new BoundCheck(
                    check,
                    it,
                    JSON.convertValue(
                        parameters(spec), new TypeReference<Map<String, @Nullable Object>>() {}),
                    spec.project()));
  }

  private static ObjectNode parameters(BatchSpec spec) {
    try {
      return (ObjectNode) JSON.readTree(spec.work().parameters());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("parameters of a batch of project " + spec.project(), e);
    }
  }

  /**
   * Returns the task of a batch, with its parameters.
   *
   * @throws Refusal when there is no such task
   * @throws InvalidParametersException when the parameters don't match those of the task
   */
  public BoundTask<?> bind(BatchSpec spec) {
    ObjectNode parameters = parameters(spec);
    BatchWork work = spec.work();
    return switch (work.kind()) {
      case SQL -> bindSql(work, parameters);
      case TASK ->
          RETENTION.equals(work.task()) && spec.submission().schedule() != null
              ? bind(own(RETENTION), parameters, "parameters.")
              : bindTask(work.task(), parameters);
      case UNDO -> bind(own(UNDO), parameters, "");
    };
  }

  /** Returns whether a task's parameters choose rows; false if there is no such task. */
  public boolean choosesRows(String name) {
    return find(name).filter(BatchTask::choosesRows).isPresent();
  }

  private Optional<BatchTask<?>> find(String name) {
    BatchTask<?> bean = tasks.get(name);
    return OWN.contains(name)
        ? Optional.empty()
        : bean != null ? Optional.of(bean) : source.find(name);
  }

  private BatchTask<?> own(String name) {
    BatchTask<?> task = tasks.get(name);
    if (task == null) {
      throw new IllegalStateException("there is no task " + name);
    }
    return task;
  }

  private BoundTask<?> bindSql(BatchWork work, ObjectNode parameters) {
    ObjectNode statement =
        JSON.createObjectNode().put("sql", String.valueOf(work.sql())).put("walk", work.walk());
    statement.set("parameters", parameters);
    if (work.skipped() == null) {
      return bind(own(SQL), statement, "");
    }
    ObjectNode input = JSON.createObjectNode();
    input.set("rows", JSON.valueToTree(work.skipped()));
    input.set("statement", statement);
    return bind(own(SKIPPED), input, "");
  }

  private BoundTask<?> bindTask(@Nullable String name, ObjectNode parameters) {
    BatchTask<?> task = find(String.valueOf(name)).orElseThrow(() -> unknown(name));
    return bind(task, parameters, isOfBean(task.name()) ? "parameters." : "");
  }

  private Refusal unknown(@Nullable String name) {
    List<String> known =
        Stream.concat(all().stream().map(BatchTask::name), source.names().stream())
            .sorted()
            .toList();
    return new Refusal("unknown-task", Map.of("task", String.valueOf(name), "known", known));
  }

  private <P extends Record> BoundTask<P> bind(
      BatchTask<P> task, ObjectNode parameters, String fieldPrefix) {
    P read;
    try {
      read = JSON.treeToValue(parameters, task.parametersType());
    } catch (JsonProcessingException e) {
      String path =
          e instanceof JsonMappingException mapping
              ? mapping.getPath().stream()
                  .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : r.getFieldName())
                  .collect(Collectors.joining("."))
              : "";
      throw new InvalidParametersException(
          List.of(new Violation(fieldPrefix + path, e.getOriginalMessage())));
    }
    checkNone(
        validator.validate(read).stream()
            .map(v -> new Violation(fieldPrefix + v.getPropertyPath(), v.getMessage())));
    checkNone(
        task.violations(read).entrySet().stream()
            .map(v -> new Violation(fieldPrefix + v.getKey(), v.getValue())));
    return new BoundTask<>(task, read);
  }

  private static void checkNone(Stream<Violation> violations) {
    List<Violation> found = violations.sorted(Comparator.comparing(Violation::field)).toList();
    if (!found.isEmpty()) {
      throw new InvalidParametersException(found);
    }
  }
}
