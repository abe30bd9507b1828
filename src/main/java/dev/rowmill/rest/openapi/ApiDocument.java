package dev.rowmill.rest.openapi;

import static dev.rowmill.rest.http.ProblemType.ARCHIVE_IMPOSSIBLE;
import static dev.rowmill.rest.http.ProblemType.BATCH_ENDED;
import static dev.rowmill.rest.http.ProblemType.BODY_TOO_LARGE;
import static dev.rowmill.rest.http.ProblemType.CHANGES_UNAVAILABLE;
import static dev.rowmill.rest.http.ProblemType.CSRF;
import static dev.rowmill.rest.http.ProblemType.DATABASE_UNAVAILABLE;
import static dev.rowmill.rest.http.ProblemType.DEFINITION_CHANGED;
import static dev.rowmill.rest.http.ProblemType.DEPENDENCY_FAILED;
import static dev.rowmill.rest.http.ProblemType.DURATION_SPENT;
import static dev.rowmill.rest.http.ProblemType.EXPORT_TARGET;
import static dev.rowmill.rest.http.ProblemType.FORBIDDEN;
import static dev.rowmill.rest.http.ProblemType.IDEMPOTENCY_MISMATCH;
import static dev.rowmill.rest.http.ProblemType.ILLEGAL_TRANSITION;
import static dev.rowmill.rest.http.ProblemType.INTERNAL_ERROR;
import static dev.rowmill.rest.http.ProblemType.INVALID_CHAIN;
import static dev.rowmill.rest.http.ProblemType.INVALID_REQUEST;
import static dev.rowmill.rest.http.ProblemType.LAST_ADMIN;
import static dev.rowmill.rest.http.ProblemType.LEASE_EXPIRED;
import static dev.rowmill.rest.http.ProblemType.NAME_TAKEN;
import static dev.rowmill.rest.http.ProblemType.NOTHING_TO_UNDO;
import static dev.rowmill.rest.http.ProblemType.NOT_FOUND;
import static dev.rowmill.rest.http.ProblemType.NOT_RESTORABLE;
import static dev.rowmill.rest.http.ProblemType.NOT_RETRYABLE;
import static dev.rowmill.rest.http.ProblemType.NOT_SCHEDULED;
import static dev.rowmill.rest.http.ProblemType.NOT_UNDOABLE;
import static dev.rowmill.rest.http.ProblemType.NO_USABLE_KEY;
import static dev.rowmill.rest.http.ProblemType.OWN_APPROVAL;
import static dev.rowmill.rest.http.ProblemType.PARAMETER_MISMATCH;
import static dev.rowmill.rest.http.ProblemType.PLAN_DRIFT;
import static dev.rowmill.rest.http.ProblemType.PLAN_EXPIRED;
import static dev.rowmill.rest.http.ProblemType.POOL_FULL;
import static dev.rowmill.rest.http.ProblemType.PROJECT_BUSY;
import static dev.rowmill.rest.http.ProblemType.SCHEDULE_CHANGED;
import static dev.rowmill.rest.http.ProblemType.SHUTTING_DOWN;
import static dev.rowmill.rest.http.ProblemType.SKIPPED_NOT_RETRYABLE;
import static dev.rowmill.rest.http.ProblemType.SKIP_IMPOSSIBLE;
import static dev.rowmill.rest.http.ProblemType.TASK_NOT_ALLOWED;
import static dev.rowmill.rest.http.ProblemType.TOO_MANY_ATTEMPTS;
import static dev.rowmill.rest.http.ProblemType.TOO_MANY_ROWS;
import static dev.rowmill.rest.http.ProblemType.TOO_MANY_UPLOADS;
import static dev.rowmill.rest.http.ProblemType.UNAUTHORIZED;
import static dev.rowmill.rest.http.ProblemType.UNDO_EXPIRED;
import static dev.rowmill.rest.http.ProblemType.UNDO_IMPOSSIBLE;
import static dev.rowmill.rest.http.ProblemType.UNDO_TABLE_CHANGED;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_BATCH;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_PLAN;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_STATEMENT;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_TABLE;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_TASK;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_UPLOAD;
import static dev.rowmill.rest.http.ProblemType.UNSUPPORTED_MEDIA_TYPE;
import static dev.rowmill.rest.http.ProblemType.UNSUPPORTED_STATEMENT;
import static dev.rowmill.rest.http.ProblemType.UPLOAD_MISMATCH;
import static dev.rowmill.rest.http.ProblemType.UPLOAD_REJECTED;
import static dev.rowmill.rest.http.ProblemType.WHOLE_TABLE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.Mode;
import dev.rowmill.dispatch.pool.PoolView;
import dev.rowmill.progress.TimelineView;
import dev.rowmill.rest.admin.AuditPage;
import dev.rowmill.rest.admin.HttpTaskBody;
import dev.rowmill.rest.admin.LeaseResource;
import dev.rowmill.rest.admin.NodeResource;
import dev.rowmill.rest.admin.SessionResource;
import dev.rowmill.rest.admin.StatementBodies;
import dev.rowmill.rest.admin.TaskResource;
import dev.rowmill.rest.admin.TokenResource;
import dev.rowmill.rest.batch.BatchBody;
import dev.rowmill.rest.batch.BatchPage;
import dev.rowmill.rest.batch.ChainPage;
import dev.rowmill.rest.batch.ChainRequestBody;
import dev.rowmill.rest.batch.ChangeBody;
import dev.rowmill.rest.batch.EvidencePages;
import dev.rowmill.rest.batch.ExportBody;
import dev.rowmill.rest.batch.PlanBody;
import dev.rowmill.rest.batch.ProjectPage;
import dev.rowmill.rest.batch.RestoreBody;
import dev.rowmill.rest.batch.RetryBody;
import dev.rowmill.rest.batch.SavedStatementBody;
import dev.rowmill.rest.batch.SettingsBody;
import dev.rowmill.rest.batch.StartBody;
import dev.rowmill.rest.batch.UndoRequestBody;
import dev.rowmill.rest.batch.UploadBody;
import dev.rowmill.rest.batch.WindowBody;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ProblemTexts;
import dev.rowmill.rest.http.ProblemType;
import dev.rowmill.rest.http.Problems;
import dev.rowmill.rest.schedule.ApprovalBody;
import dev.rowmill.rest.schedule.RetentionBodies;
import dev.rowmill.rest.schedule.RetentionBody;
import dev.rowmill.rest.schedule.ScheduleBodies;
import dev.rowmill.rest.schedule.ScheduleBody;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem.HttpMethod;
import org.eclipse.microprofile.openapi.models.headers.Header;
import org.eclipse.microprofile.openapi.models.media.MediaType;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.jspecify.annotations.Nullable;

/**
 * Adds to the OpenAPI document what annotations cannot express: the problems of each operation, an
 * example of each problem, and the bodies of requests. It also completes the schemas of responses.
 */
@OpenApiFilter(OpenApiFilter.RunStage.BUILD)
public final class ApiDocument implements OASFilter {

  private static final List<ProblemType> EVERYWHERE =
      List.of(
          UNAUTHORIZED, FORBIDDEN, CSRF, TOO_MANY_ATTEMPTS, INTERNAL_ERROR, DATABASE_UNAVAILABLE);

  /** Lists the problems of a statement that is checked, planned or started. */
  private static final Set<ProblemType> CHECK =
      EnumSet.of(
          UNSUPPORTED_STATEMENT, WHOLE_TABLE, UNKNOWN_TABLE, NO_USABLE_KEY, PARAMETER_MISMATCH);

  /** Lists the problems of an archive, an export or an upload that is planned or started. */
  private static final Set<ProblemType> WORK =
      EnumSet.of(
          ARCHIVE_IMPOSSIBLE, EXPORT_TARGET, NOT_RESTORABLE, UNKNOWN_UPLOAD, UPLOAD_MISMATCH);

  /**
   * Lists the problems of a request to retry a batch or a chain, apart from those of {@link
   * #CHECK}.
   */
  private static final Set<ProblemType> RETRY =
      EnumSet.of(
          POOL_FULL,
          SHUTTING_DOWN,
          ILLEGAL_TRANSITION,
          DEPENDENCY_FAILED,
          NOT_RETRYABLE,
          DEFINITION_CHANGED,
          DURATION_SPENT,
          UNKNOWN_TASK,
          SKIP_IMPOSSIBLE,
          UNDO_IMPOSSIBLE);

  /** Lists the problems of a request to start a batch in a project. */
  private static final Set<ProblemType> LAUNCH =
      EnumSet.of(
          PROJECT_BUSY,
          IDEMPOTENCY_MISMATCH,
          DEPENDENCY_FAILED,
          UNKNOWN_BATCH,
          POOL_FULL,
          SHUTTING_DOWN);

  /** Lists the responses. All members of them and of the records in them are always present. */
  private static final List<Class<? extends Record>> RESPONSES =
      List.of(
          BatchPage.class,
          ChainPage.class,
          EvidencePages.RangePage.class,
          EvidencePages.LaneList.class,
          EvidencePages.ConflictPage.class,
          EvidencePages.SkippedPage.class,
          TimelineView.class,
          PlanBody.class,
          UploadBody.UploadPage.class,
          UploadBody.ErrorPage.class,
          AuditPage.class,
          AuditPage.VerdictBody.class,
          ProjectPage.class,
          StatementBodies.StatementPage.class,
          RetentionBodies.RetentionView.class,
          ScheduleBodies.SchedulePage.class,
          ScheduleBodies.RunPage.class,
          ScheduleBodies.NextView.class,
          ScheduleBodies.PreviewView.class,
          TaskResource.Tasks.class,
          PoolView.class,
          NodeResource.NodesBody.class,
          SessionResource.SessionBody.class,
          TokenResource.TokenPage.class,
          TokenResource.NewToken.class);

  /** Maps members of a batch, and the filters of that name, to the texts that they may have. */
  private static final Map<String, List<Object>> ENUMERATIONS =
      Map.of(
          "status", Stream.of(BatchStatus.values()).map(it -> (Object) it.text()).toList(),
          "mode", Stream.of(Mode.values()).map(it -> (Object) it.text()).toList());

  /** Lists the members of a schedule that a retention does not have. */
  private static final Set<String> NOT_OF_RETENTIONS =
      Set.of(
          "sql",
          "task",
          "select",
          "batchRows",
          "statement",
          "walk",
          "archive",
          "upload",
          "table",
          "match",
          "do",
          "set",
          "expect");

  private final ProblemTexts texts = new ProblemTexts();

  @Override
  public void filterOpenAPI(OpenAPI document) {
    Components components = document.getComponents();
    components
        .addSchema("Problem", problem())
        .addSchema(
            "Start",
            BodySchema.of(
                    StartBody.PlannedBody.class,
                    "Start request with exactly one of sql, task, statement, archive, upload and plan")
                .addProperty("parameters", ValueSchemas.parameters()))
        .addSchema("Labels", ValueSchemas.labels())
        .addSchema(ValueSchemas.VALUE, ValueSchemas.value())
        .addSchema(ValueSchemas.TYPED_VALUE, ValueSchemas.typed())
        .addSchema(
            "ChainRequest", BodySchema.of(ChainRequestBody.class, "Steps that wait for each other"))
        .addSchema("RetryRequest", BodySchema.of(RetryBody.class, "What a retry changes"))
        .addSchema("RestoreRequest", BodySchema.of(RestoreBody.class, "Settings of a restore"))
        .addSchema(
            "Export",
            BodySchema.of(ExportBody.class, "Query, format and place of the files")
                .addProperty("parameters", ValueSchemas.parameters()))
        .addSchema("UndoRequest", BodySchema.of(UndoRequestBody.class, "Settings of an undo"))
        .addSchema(
            "Settings",
            BodySchema.of(
                ChangeBody.class, "Settings to change; members that are left out are unchanged"))
        .addSchema(
            "Limits",
            BodySchema.of(
                SettingsBody.LimitsBody.class,
                "Throttle limits that replace the configured ones; 0 means no limit. docs/throttles.md"
                    + " describes them"));
    Schema statement =
        BodySchema.of(
            SavedStatementBody.class,
            "A statement, and the values and bounds that its starts may use");
    AccessSchemas.patterns(statement);
    components.addSchema("SavedStatementRequest", statement);
    components
        .addSchema(
            "HttpTaskRequest",
            BodySchema.of(HttpTaskBody.class, "A task that another service does over HTTP"))
        .addSchema(
            "CompleteRequest",
            BodySchema.of(LeaseResource.CompleteBody.class, "The answer to a leased chunk"))
        .addSchema("ExtendRequest", BodySchema.of(LeaseResource.ExtendBody.class, "A lease"))
        .addSchema("ScheduleRequest", schedule())
        .addSchema(
            "ScheduleApprovalRequest",
            BodySchema.of(ApprovalBody.class, "Approval of what the batches of a schedule change"))
        .addSchema("RetentionRequest", retention());
    AccessSchemas.addTo(document);
    document.addServer(
        OASFactory.createServer().url("/").description("The service that serves this document"));
    RESPONSES.forEach(type -> complete(components.getSchemas(), type));
    // No property refers to these any more.
    components.removeSchema("JsonNode");
    components.removeSchema("JsonNodeType");
    document
        .getPaths()
        .getPathItems()
        .forEach(
            (path, item) ->
                item.getOperations().forEach((method, it) -> complete(path, method, it)));
  }

  private void complete(String path, HttpMethod method, Operation operation) {
    List<Parameter> parameters = Objects.requireNonNullElse(operation.getParameters(), List.of());
    parameters.forEach(it -> CommonParameters.describe(path, it));
    operation.getResponses().getAPIResponses().values().forEach(CommonParameters::describe);
    parameters.stream()
        .filter(it -> ENUMERATIONS.containsKey(it.getName()))
        .forEach(it -> it.getSchema().enumeration(ENUMERATIONS.get(it.getName())));
    AccessSchemas.require(operation);
    problems(path, method, operation, parameters).stream()
        .collect(Collectors.groupingBy(ProblemType::status))
        .forEach(
            (status, same) ->
                operation.getResponses().addAPIResponse(String.valueOf(status), response(same)));
  }

  /** Returns the problems of an operation in the order of their declaration. */
  private static Set<ProblemType> problems(
      String path, HttpMethod method, Operation operation, List<Parameter> parameters) {
    Set<ProblemType> problems = EnumSet.copyOf(EVERYWHERE);
    if (operation.getRequestBody() != null) {
      problems.addAll(List.of(INVALID_REQUEST, BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE));
    }
    if (parameters.stream().anyMatch(ApiDocument::isChecked)) {
      problems.add(INVALID_REQUEST);
    }
    if (path.contains("{id}")
        || path.contains("{name}/")
        || (path.endsWith("}") && method != HttpMethod.PUT)) {
      problems.add(NOT_FOUND);
    }
    switch (operation.getOperationId()) {
      case "startBatch" -> {
        problems.addAll(CHECK);
        problems.addAll(WORK);
        problems.addAll(LAUNCH);
        problems.addAll(
            EnumSet.of(
                TOO_MANY_ROWS, UNKNOWN_TASK, TASK_NOT_ALLOWED, UNKNOWN_STATEMENT, SKIP_IMPOSSIBLE));
        problems.addAll(EnumSet.of(PLAN_DRIFT, PLAN_EXPIRED, UNDO_IMPOSSIBLE, UNKNOWN_PLAN));
      }
      case "startChain" ->
          problems.addAll(
              EnumSet.of(INVALID_CHAIN, IDEMPOTENCY_MISMATCH, POOL_FULL, SHUTTING_DOWN));
      case "planChain" -> problems.add(INVALID_CHAIN);
      case "startExport" -> {
        problems.addAll(CHECK);
        problems.addAll(LAUNCH);
        problems.addAll(EnumSet.of(TOO_MANY_ROWS, EXPORT_TARGET));
      }
      case "undoBatch" -> {
        problems.addAll(LAUNCH);
        problems.addAll(EnumSet.of(NOT_UNDOABLE, UNDO_EXPIRED));
        // Its body may have any media type.
        problems.remove(UNSUPPORTED_MEDIA_TYPE);
      }
      case "restoreBatch" -> {
        problems.addAll(CHECK);
        problems.addAll(LAUNCH);
        problems.addAll(
            EnumSet.of(
                ARCHIVE_IMPOSSIBLE, EXPORT_TARGET, NOT_RESTORABLE, TOO_MANY_ROWS, UNDO_IMPOSSIBLE));
        problems.remove(UNSUPPORTED_MEDIA_TYPE);
      }
      case "undoChain" -> {
        problems.addAll(EnumSet.of(ILLEGAL_TRANSITION, NOT_UNDOABLE, NOTHING_TO_UNDO));
        problems.addAll(EnumSet.of(UNDO_EXPIRED, IDEMPOTENCY_MISMATCH, POOL_FULL, SHUTTING_DOWN));
        problems.remove(UNSUPPORTED_MEDIA_TYPE);
      }
      case "downloadChanges" ->
          problems.addAll(EnumSet.of(CHANGES_UNAVAILABLE, UNDO_EXPIRED, UNDO_TABLE_CHANGED));
      case "retryBatch" -> {
        problems.addAll(CHECK);
        problems.addAll(WORK);
        problems.addAll(RETRY);
        problems.addAll(EnumSet.of(PROJECT_BUSY, NOT_UNDOABLE, UNDO_EXPIRED, UNKNOWN_STATEMENT));
        problems.add(SKIPPED_NOT_RETRYABLE);
        problems.remove(UNSUPPORTED_MEDIA_TYPE);
      }
      case "retrySkippedRows" -> {
        problems.addAll(CHECK);
        problems.addAll(EnumSet.of(PROJECT_BUSY, IDEMPOTENCY_MISMATCH, POOL_FULL, SHUTTING_DOWN));
        problems.addAll(EnumSet.of(SKIPPED_NOT_RETRYABLE, TOO_MANY_ROWS, UNKNOWN_STATEMENT));
        problems.addAll(EnumSet.of(SKIP_IMPOSSIBLE, UNDO_IMPOSSIBLE));
        problems.remove(UNSUPPORTED_MEDIA_TYPE);
      }
      case "retryChain" -> {
        problems.addAll(CHECK);
        problems.addAll(RETRY);
        problems.addAll(EnumSet.of(NOT_UNDOABLE, UNDO_EXPIRED));
      }
      case "planBatch" -> {
        problems.addAll(CHECK);
        problems.addAll(WORK);
        problems.addAll(
            EnumSet.of(
                TOO_MANY_ROWS, UNKNOWN_TASK, TASK_NOT_ALLOWED, UNKNOWN_STATEMENT, SKIP_IMPOSSIBLE));
      }
      case "uploadFile" -> {
        problems.addAll(EnumSet.of(UNKNOWN_TABLE, UPLOAD_REJECTED, TOO_MANY_UPLOADS, NOT_FOUND));
        // Its body may have any media type.
        problems.remove(UNSUPPORTED_MEDIA_TYPE);
      }
      case "saveStatement" -> problems.addAll(CHECK);
      case "saveSchedule" -> {
        problems.addAll(CHECK);
        problems.addAll(WORK);
        problems.addAll(
            EnumSet.of(
                UNKNOWN_TASK, TASK_NOT_ALLOWED, UNKNOWN_STATEMENT, UNDO_IMPOSSIBLE, NOT_FOUND));
      }
      case "saveRetention" -> {
        problems.addAll(CHECK);
        problems.addAll(EnumSet.of(UNDO_IMPOSSIBLE, SKIP_IMPOSSIBLE, NOT_FOUND));
      }
      case "runSchedule" -> {
        problems.addAll(CHECK);
        problems.addAll(WORK);
        problems.addAll(EnumSet.of(PROJECT_BUSY, POOL_FULL, SHUTTING_DOWN, TOO_MANY_ROWS));
        problems.addAll(
            EnumSet.of(UNKNOWN_TASK, TASK_NOT_ALLOWED, UNKNOWN_STATEMENT, UNDO_IMPOSSIBLE));
      }
      case "pauseBatch", "resumeBatch", "cancelBatch" -> problems.add(ILLEGAL_TRANSITION);
      case "approveBatch" -> problems.addAll(EnumSet.of(OWN_APPROVAL, ILLEGAL_TRANSITION));
      case "approveSchedule" -> problems.addAll(EnumSet.of(OWN_APPROVAL, SCHEDULE_CHANGED));
      case "changeBatch" -> problems.addAll(EnumSet.of(BATCH_ENDED, NOT_SCHEDULED));
      case "saveTask" -> problems.remove(NOT_FOUND);
      case "leaseChunk" -> problems.add(UNKNOWN_TASK);
      case "completeChunk", "extendLease" ->
          problems.addAll(EnumSet.of(UNKNOWN_TASK, LEASE_EXPIRED));
      case "makeToken" -> problems.add(NAME_TAKEN);
      case "revokeToken" -> problems.add(LAST_ADMIN);
      default -> {}
    }
    return problems;
  }

  /** Returns whether a parameter can be invalid; an id that is no number is not found. */
  private static boolean isChecked(Parameter parameter) {
    return parameter.getIn() == Parameter.In.QUERY
        || (parameter.getIn() == Parameter.In.PATH && !parameter.getName().equals("id"));
  }

  private APIResponse response(List<ProblemType> types) {
    MediaType content =
        OASFactory.createMediaType()
            .schema(OASFactory.createSchema().ref("#/components/schemas/Problem"));
    types.forEach(
        type ->
            content.addExample(
                type.code(), OASFactory.createExample().summary(title(type)).value(example(type))));
    APIResponse response =
        OASFactory.createAPIResponse()
            .description(
                types.stream()
                    .map(type -> "/problems/" + type.code() + ": " + title(type))
                    .collect(Collectors.joining("; ")))
            .content(OASFactory.createContent().addMediaType(Problems.MEDIA_TYPE, content));
    int status = types.get(0).status();
    if (status == 401) {
      response.addHeader("WWW-Authenticate", AccessSchemas.challenge());
    }
    if (types.contains(PROJECT_BUSY) || status == 503 || status == 429) {
      response.addHeader("Retry-After", retryAfter());
    }
    return response;
  }

  private String title(ProblemType type) {
    return texts.title(type.code(), Language.ENGLISH);
  }

  private Map<String, Object> example(ProblemType type) {
    Map<String, Object> members =
        switch (type) {
          case INVALID_REQUEST ->
              members(
                  "violations",
                  List.of(Problems.violation("chunk.rows", "must be from 10 to 100000")));
          case ILLEGAL_TRANSITION ->
              members("from", "succeeded", "to", "paused", "allowed", List.of());
          case NOT_RESTORABLE -> members("batch", 42, "status", "running");
          case NOT_UNDOABLE -> members("batch", 42, "status", "running", "reason", "active");
          case NOTHING_TO_UNDO -> members("chain", 7);
          case DEPENDENCY_FAILED -> members("batch", 41, "batchStatus", "failed");
          case INVALID_CHAIN ->
              members(
                  "violations",
                  List.of(
                      Problems.violation(
                          "steps.archive", "unknown-table: Unknown table or column.")));
          case UNKNOWN_BATCH -> members("batch", 41);
          case NOT_RETRYABLE ->
              members("batch", 42, "status", "failed", "reason", "undone-in-part");
          case SKIPPED_NOT_RETRYABLE ->
              members(
                  "batch",
                  42,
                  "status",
                  "running",
                  "reasons",
                  List.of("The batch is active. Wait until it has ended."));
          case DEFINITION_CHANGED ->
              members(
                  "batch",
                  42,
                  "differences",
                  List.of(
                      members(
                          "what", "column price of shop.item",
                          "before", "decimal(10,2)",
                          "after", "decimal(12,2)")));
          case DURATION_SPENT ->
              members("batch", 42, "ranMillis", 60012, "maxDurationMillis", 60000);
          case UNDO_EXPIRED -> members("batch", 42, "expiredAt", "2026-01-15T00:00:00Z");
          case UNDO_TABLE_CHANGED -> members("table", "shop.item", "column", "price");
          case BATCH_ENDED -> members("status", "succeeded");
          case NOT_SCHEDULED -> members("status", "running");
          case PROJECT_BUSY ->
              members(
                  "batch", 42, "progress", members("rowsTotal", 1000000, "rowsScanned", 250000));
          case PLAN_DRIFT ->
              members(
                  "differences",
                  List.of(
                      members(
                          "what", "column price of shop.item",
                          "before", "decimal(10,2)",
                          "after", "decimal(12,2)")));
          case FORBIDDEN -> members("role", "author");
          case NAME_TAKEN -> members("name", "nightly");
          case PLAN_EXPIRED -> members("expiredAt", "2026-01-01T12:00:00Z");
          case UNKNOWN_PLAN -> members("plan", "0123456789abcdef0123456789abcdef");
          case OWN_APPROVAL -> members("authors", List.of("alice", "bob"));
          case TOO_MANY_ROWS -> members("planned", 250000, "maxRows", 100000, "exact", true);
          case UNKNOWN_STATEMENT -> members("statement", "raise-prices");
          case UNKNOWN_UPLOAD -> members("upload", "u_9");
          case UPLOAD_MISMATCH ->
              members(
                  "upload",
                  "u_9",
                  "reasons",
                  List.of("Leave one line for each key: these lines have the same: 2 = 17."));
          case UPLOAD_REJECTED ->
              members(
                  "upload",
                  "u_9",
                  "errors",
                  1,
                  "firstErrors",
                  List.of(
                      members(
                          "line",
                          17,
                          "message",
                          "column price: \"1.005\" has more than 2 digits after the point")));
          case ARCHIVE_IMPOSSIBLE ->
              members(
                  "reasons",
                  List.of("Add the column note (varchar(20) utf8mb4) to archive.order."));
          case UNSUPPORTED_STATEMENT -> members("reasons", List.of("Leave out LIMIT."));
          case TASK_NOT_ALLOWED ->
              members(
                  "task",
                  "geocode",
                  "reasons",
                  List.of("List the task's host in rowmill.tasks.hosts."));
          case EXPORT_TARGET ->
              members("reasons", List.of("Set rowmill.export.directory, or export to a bucket."));
          case UNKNOWN_TABLE, NO_USABLE_KEY -> members("table", "shop.item");
          case PARAMETER_MISMATCH -> members("missing", List.of("factor"), "unused", List.of());
          case INTERNAL_ERROR -> members("id", "3f1d1bb0-6a3c-4f5e-9d0c-2f6d2b0e8a11");
          default -> Map.of();
        };
    return new Problems(texts)
        .document(type.code(), members, List.of(), "/api/v1/projects/p1/batches", Language.ENGLISH);
  }

  /** Returns members in the given order. */
  private static Map<String, Object> members(Object... namesAndValues) {
    Map<String, Object> members = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      members.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return members;
  }

  /** Completes the schema of a record in responses, and those of the records in it. */
  private static void complete(Map<String, Schema> schemas, Class<?> type) {
    var named = type.getAnnotation(org.eclipse.microprofile.openapi.annotations.media.Schema.class);
    Schema schema =
        schemas.get(named == null || named.name().isEmpty() ? type.getSimpleName() : named.name());
    // A window is in requests, too, where its days may be left out.
    if (!type.isRecord()
        || schema == null
        || schema.getRequired() != null
        || type == WindowBody.class) {
      return;
    }
    for (RecordComponent component : type.getRecordComponents()) {
      complete(schemas, component.getType());
      if (component.getGenericType() instanceof ParameterizedType list
          && list.getActualTypeArguments()[0] instanceof Class<?> item) {
        complete(schemas, item);
      }
      Schema property = property(schema, component.getName());
      if (component.getType() == Instant.class) {
        property.ref(null).type(List.of(SchemaType.STRING)).format("date-time");
      }
      if (component.getType() == JsonNode.class && property.getRef() != null) {
        property.ref(null).type(List.of(SchemaType.OBJECT));
      }
      if (type == BatchBody.class && ENUMERATIONS.containsKey(component.getName())) {
        property.enumeration(ENUMERATIONS.get(component.getName()));
      }
      schema.addRequired(component.getName());
      if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
        continue;
      }
      if (property.getRef() == null) {
        property.addType(SchemaType.NULL);
      } else {
        schema.addProperty(
            component.getName(),
            ValueSchemas.anyOf(
                ValueSchemas.ref(property.getRef()),
                OASFactory.createSchema().addType(SchemaType.NULL)));
      }
    }
  }

  static Schema property(Schema schema, String name) {
    Schema property = schema.getProperties().get(name);
    if (property == null) {
      throw new IllegalStateException("the OpenAPI document has no property " + name);
    }
    return property;
  }

  private static Header retryAfter() {
    return OASFactory.createHeader()
        .description("Seconds after which the client should try again")
        .schema(type(SchemaType.INTEGER, "Seconds"));
  }

  private static Schema problem() {
    return type(
            SchemaType.OBJECT,
            "A problem document (RFC 9457). Further members depend on the type; title and detail"
                + " follow Accept-Language")
        .addProperty("type", type(SchemaType.STRING, "Type of problem, the same in each language"))
        .addProperty("title", type(SchemaType.STRING, "Short name of the type"))
        .addProperty("status", type(SchemaType.INTEGER, "The HTTP status"))
        .addProperty("detail", type(SchemaType.STRING, "What happened and what to do"))
        .addProperty(
            "instance", type(SchemaType.STRING, "Path of the object that the problem concerns"))
        .required(List.of("type", "title", "status", "instance"))
        .additionalPropertiesBoolean(true);
  }

  /**
   * Returns the body of a schedule: its own members, and all of a start that it does not define.
   */
  private static Schema schedule() {
    Schema own = BodySchema.of(ScheduleBody.class, "A schedule, and what it starts");
    Schema start =
        BodySchema.of(StartBody.class, "").addProperty("parameters", ValueSchemas.parameters());
    start
        .getProperties()
        .forEach(
            (name, member) -> {
              if (!Set.of("startAt", "after").contains(name)
                  && !own.getProperties().containsKey(name)) {
                own.addProperty(name, member);
              }
            });
    return own;
  }

  /** Returns the body of a retention: its own members, and those of a schedule without its work. */
  private static Schema retention() {
    Schema own =
        BodySchema.of(RetentionBody.class, "Which rows to delete, and members of a schedule");
    schedule()
        .getProperties()
        .forEach(
            (name, member) -> {
              if (!NOT_OF_RETENTIONS.contains(name)) {
                own.addProperty(name, member);
              }
            });
    return own.addRequired("project");
  }

  static Schema type(SchemaType type, String description) {
    return OASFactory.createSchema().addType(type).description(description);
  }
}
