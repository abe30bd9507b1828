package dev.rowmill.rest.openapi;

import static dev.rowmill.rest.http.ProblemType.BATCH_ENDED;
import static dev.rowmill.rest.http.ProblemType.BODY_TOO_LARGE;
import static dev.rowmill.rest.http.ProblemType.CSRF;
import static dev.rowmill.rest.http.ProblemType.DATABASE_UNAVAILABLE;
import static dev.rowmill.rest.http.ProblemType.FORBIDDEN;
import static dev.rowmill.rest.http.ProblemType.IDEMPOTENCY_MISMATCH;
import static dev.rowmill.rest.http.ProblemType.ILLEGAL_TRANSITION;
import static dev.rowmill.rest.http.ProblemType.INTERNAL_ERROR;
import static dev.rowmill.rest.http.ProblemType.INVALID_REQUEST;
import static dev.rowmill.rest.http.ProblemType.LAST_ADMIN;
import static dev.rowmill.rest.http.ProblemType.NAME_TAKEN;
import static dev.rowmill.rest.http.ProblemType.NOT_FOUND;
import static dev.rowmill.rest.http.ProblemType.NOT_UNDOABLE;
import static dev.rowmill.rest.http.ProblemType.NO_USABLE_KEY;
import static dev.rowmill.rest.http.ProblemType.OWN_APPROVAL;
import static dev.rowmill.rest.http.ProblemType.PARAMETER_MISMATCH;
import static dev.rowmill.rest.http.ProblemType.PLAN_DRIFT;
import static dev.rowmill.rest.http.ProblemType.PLAN_EXPIRED;
import static dev.rowmill.rest.http.ProblemType.POOL_FULL;
import static dev.rowmill.rest.http.ProblemType.PROJECT_BUSY;
import static dev.rowmill.rest.http.ProblemType.SHUTTING_DOWN;
import static dev.rowmill.rest.http.ProblemType.TOO_MANY_ATTEMPTS;
import static dev.rowmill.rest.http.ProblemType.TOO_MANY_ROWS;
import static dev.rowmill.rest.http.ProblemType.UNAUTHORIZED;
import static dev.rowmill.rest.http.ProblemType.UNDO_EXPIRED;
import static dev.rowmill.rest.http.ProblemType.UNDO_IMPOSSIBLE;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_PLAN;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_STATEMENT;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_TABLE;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_TASK;
import static dev.rowmill.rest.http.ProblemType.UNSUPPORTED_MEDIA_TYPE;
import static dev.rowmill.rest.http.ProblemType.UNSUPPORTED_STATEMENT;
import static dev.rowmill.rest.http.ProblemType.WHOLE_TABLE;

import dev.rowmill.dispatch.pool.NodeView;
import dev.rowmill.dispatch.pool.PoolView;
import dev.rowmill.progress.TimelineView;
import dev.rowmill.rest.admin.AuditPage;
import dev.rowmill.rest.admin.NodeResource;
import dev.rowmill.rest.admin.SessionResource;
import dev.rowmill.rest.admin.StatementBodies;
import dev.rowmill.rest.admin.TaskResource;
import dev.rowmill.rest.admin.TokenBody;
import dev.rowmill.rest.admin.TokenResource;
import dev.rowmill.rest.batch.BatchBody;
import dev.rowmill.rest.batch.BatchPage;
import dev.rowmill.rest.batch.EvidencePages;
import dev.rowmill.rest.batch.PlanBody;
import dev.rowmill.rest.batch.ProgressBody;
import dev.rowmill.rest.batch.ProjectPage;
import dev.rowmill.rest.batch.SavedStatementBody;
import dev.rowmill.rest.batch.SettingsBody;
import dev.rowmill.rest.batch.StartBody;
import dev.rowmill.rest.batch.UndoRequestBody;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ProblemTexts;
import dev.rowmill.rest.http.ProblemType;
import dev.rowmill.rest.http.Problems;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.headers.Header;
import org.eclipse.microprofile.openapi.models.media.MediaType;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
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

  private static final Map<String, List<ProblemType>> PROBLEMS =
      Map.ofEntries(
          Map.entry(
              "startBatch",
              List.of(
                  INVALID_REQUEST,
                  PROJECT_BUSY,
                  PLAN_DRIFT,
                  PLAN_EXPIRED,
                  BODY_TOO_LARGE,
                  UNSUPPORTED_MEDIA_TYPE,
                  UNSUPPORTED_STATEMENT,
                  WHOLE_TABLE,
                  TOO_MANY_ROWS,
                  UNKNOWN_TABLE,
                  NO_USABLE_KEY,
                  PARAMETER_MISMATCH,
                  UNKNOWN_TASK,
                  UNKNOWN_STATEMENT,
                  UNDO_IMPOSSIBLE,
                  UNKNOWN_PLAN,
                  IDEMPOTENCY_MISMATCH,
                  POOL_FULL,
                  SHUTTING_DOWN)),
          Map.entry(
              "undoBatch",
              List.of(
                  INVALID_REQUEST,
                  NOT_FOUND,
                  PROJECT_BUSY,
                  NOT_UNDOABLE,
                  UNDO_EXPIRED,
                  BODY_TOO_LARGE,
                  IDEMPOTENCY_MISMATCH,
                  POOL_FULL,
                  SHUTTING_DOWN)),
          Map.entry(
              "planBatch",
              List.of(
                  INVALID_REQUEST,
                  BODY_TOO_LARGE,
                  UNSUPPORTED_MEDIA_TYPE,
                  UNSUPPORTED_STATEMENT,
                  WHOLE_TABLE,
                  TOO_MANY_ROWS,
                  UNKNOWN_TABLE,
                  NO_USABLE_KEY,
                  PARAMETER_MISMATCH,
                  UNKNOWN_TASK,
                  UNKNOWN_STATEMENT)),
          Map.entry(
              "saveStatement",
              List.of(
                  INVALID_REQUEST,
                  BODY_TOO_LARGE,
                  UNSUPPORTED_MEDIA_TYPE,
                  UNSUPPORTED_STATEMENT,
                  WHOLE_TABLE,
                  UNKNOWN_TABLE,
                  NO_USABLE_KEY,
                  PARAMETER_MISMATCH)),
          Map.entry("listStatements", List.of(INVALID_REQUEST)),
          Map.entry("getStatement", List.of(INVALID_REQUEST, NOT_FOUND)),
          Map.entry("deleteStatement", List.of(INVALID_REQUEST, NOT_FOUND)),
          Map.entry("listBatches", List.of(INVALID_REQUEST)),
          Map.entry("listBatchesOfProject", List.of(INVALID_REQUEST)),
          Map.entry("getBatch", List.of(INVALID_REQUEST, NOT_FOUND)),
          Map.entry("listenToBatch", List.of(NOT_FOUND)),
          Map.entry("listen", List.of(INVALID_REQUEST)),
          Map.entry("getTimeline", List.of(NOT_FOUND)),
          Map.entry("listRanges", List.of(INVALID_REQUEST, NOT_FOUND)),
          Map.entry("listLanes", List.of(NOT_FOUND)),
          Map.entry("listConflicts", List.of(INVALID_REQUEST, NOT_FOUND)),
          Map.entry("pauseBatch", List.of(NOT_FOUND, ILLEGAL_TRANSITION)),
          Map.entry("resumeBatch", List.of(NOT_FOUND, ILLEGAL_TRANSITION)),
          Map.entry("cancelBatch", List.of(INVALID_REQUEST, NOT_FOUND, ILLEGAL_TRANSITION)),
          Map.entry("approveBatch", List.of(OWN_APPROVAL, NOT_FOUND, ILLEGAL_TRANSITION)),
          Map.entry(
              "changeBatch",
              List.of(
                  INVALID_REQUEST, NOT_FOUND, BATCH_ENDED, BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE)),
          Map.entry("signIn", List.of(INVALID_REQUEST, BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE)),
          Map.entry(
              "makeToken",
              List.of(INVALID_REQUEST, NAME_TAKEN, BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE)),
          Map.entry("listTokens", List.of(INVALID_REQUEST)),
          Map.entry("revokeToken", List.of(NOT_FOUND, LAST_ADMIN)),
          Map.entry("listAudit", List.of(INVALID_REQUEST)),
          Map.entry("listProjects", List.of(INVALID_REQUEST)),
          Map.entry("getProject", List.of(INVALID_REQUEST, NOT_FOUND)));

  /** Lists the schemas of responses. Their members are always present, though some may be null. */
  private static final Map<String, Class<? extends Record>> SCHEMAS =
      Map.ofEntries(
          Map.entry("Batch", BatchBody.class),
          Map.entry("Chunk", BatchBody.ChunkBody.class),
          Map.entry("Throttle", BatchBody.ThrottleBody.class),
          Map.entry("Wait", BatchBody.WaitBody.class),
          Map.entry("Approval", BatchBody.ApprovalBody.class),
          Map.entry("Undo", BatchBody.UndoBody.class),
          Map.entry("Progress", ProgressBody.class),
          Map.entry("BatchPage", BatchPage.class),
          Map.entry("RangePage", EvidencePages.RangePage.class),
          Map.entry("Range", EvidencePages.RangeBody.class),
          Map.entry("LaneList", EvidencePages.LaneList.class),
          Map.entry("Lane", EvidencePages.LaneBody.class),
          Map.entry("ConflictPage", EvidencePages.ConflictPage.class),
          Map.entry("Conflict", EvidencePages.ConflictBody.class),
          Map.entry("Timeline", TimelineView.class),
          Map.entry("TimelineStep", TimelineView.Step.class),
          Map.entry("TimelineLaneChange", TimelineView.LaneChange.class),
          Map.entry("TimelineWait", TimelineView.Wait.class),
          Map.entry("Plan", PlanBody.class),
          Map.entry("PlanStatement", PlanBody.StatementBody.class),
          Map.entry("PlanKey", PlanBody.KeyBody.class),
          Map.entry("PlanRanges", PlanBody.RangesBody.class),
          Map.entry("PlanRange", PlanBody.RangeBody.class),
          Map.entry("PlanCount", PlanBody.CountBody.class),
          Map.entry("PlanWarning", PlanBody.WarningBody.class),
          Map.entry("PlanRow", PlanBody.RowBody.class),
          Map.entry("PlanUndo", PlanBody.UndoBody.class),
          Map.entry("AuditPage", AuditPage.class),
          Map.entry("AuditLine", AuditPage.LineBody.class),
          Map.entry("AuditVerdict", AuditPage.VerdictBody.class),
          Map.entry("AuditHead", AuditPage.HeadBody.class),
          Map.entry("AuditBroken", AuditPage.BrokenBody.class),
          Map.entry("Project", ProjectPage.ProjectBody.class),
          Map.entry("ProjectPage", ProjectPage.class),
          Map.entry("SavedStatement", StatementBodies.StatementBody.class),
          Map.entry("SavedStatementPage", StatementBodies.StatementPage.class),
          Map.entry("Task", TaskResource.TaskBody.class),
          Map.entry("TaskList", TaskResource.Tasks.class),
          Map.entry("PoolView", PoolView.class),
          Map.entry("Working", PoolView.Working.class),
          Map.entry("Serial", PoolView.Serial.class),
          Map.entry("Nodes", NodeResource.NodesBody.class),
          Map.entry("NodeView", NodeView.class),
          Map.entry("Running", NodeView.Running.class),
          Map.entry("Session", SessionResource.SessionBody.class),
          Map.entry("Token", TokenBody.class),
          Map.entry("TokenPage", TokenResource.TokenPage.class),
          Map.entry("NewToken", TokenResource.NewToken.class));

  private final ProblemTexts texts = new ProblemTexts();

  @Override
  public void filterOpenAPI(OpenAPI document) {
    if (document.getComponents() == null) {
      document.setComponents(OASFactory.createComponents());
    }
    document.getComponents().addSchema("Problem", problem());
    document
        .getComponents()
        .addSchema(
            "Start",
            BodySchema.of(
                    StartBody.PlannedBody.class,
                    "Start request with exactly one of sql, task, statement and plan")
                .addProperty("parameters", ValueSchemas.parameters()));
    document.getComponents().addSchema(ValueSchemas.VALUE, ValueSchemas.value());
    document.getComponents().addSchema(ValueSchemas.TYPED_VALUE, ValueSchemas.typed());
    document
        .getComponents()
        .addSchema("UndoRequest", BodySchema.of(UndoRequestBody.class, "Settings of an undo"));
    AccessSchemas.addTo(document);
    Schema statement =
        BodySchema.of(
            SavedStatementBody.class,
            "A statement, and the values and bounds that its starts may use");
    AccessSchemas.patterns(statement);
    document.getComponents().addSchema("SavedStatementRequest", statement);
    document
        .getComponents()
        .addSchema(
            "Settings",
            BodySchema.of(
                SettingsBody.class, "Settings to change; members that are left out are unchanged"));
    document
        .getComponents()
        .addSchema(
            "Limits",
            BodySchema.of(
                SettingsBody.LimitsBody.class,
                "Throttle limits that replace the configured ones; 0 means no limit. docs/throttles.md"
                    + " describes them"));
    SCHEMAS.forEach(
        (name, type) -> complete(document.getComponents().getSchemas().get(name), type));
    describePool(document.getComponents().getSchemas());
    describeNodes(document.getComponents().getSchemas());
    if (document.getPaths() != null) {
      document
          .getPaths()
          .getPathItems()
          .values()
          .forEach(path -> path.getOperations().values().forEach(this::addProblems));
    }
  }

  private void addProblems(Operation operation) {
    Map<Integer, List<ProblemType>> byStatus = new TreeMap<>();
    var types = new ArrayList<>(PROBLEMS.getOrDefault(operation.getOperationId(), List.of()));
    types.addAll(EVERYWHERE);
    types.forEach(
        type -> byStatus.computeIfAbsent(type.status(), s -> new ArrayList<>()).add(type));
    byStatus.forEach(
        (status, same) ->
            operation.getResponses().addAPIResponse(String.valueOf(status), response(same)));
  }

  private APIResponse response(List<ProblemType> types) {
    MediaType content =
        OASFactory.createMediaType()
            .schema(OASFactory.createSchema().ref("#/components/schemas/Problem"));
    types.forEach(
        type ->
            content.addExample(
                type.code(),
                OASFactory.createExample()
                    .summary(texts.title(type.code(), Language.ENGLISH))
                    .value(example(type))));
    APIResponse response =
        OASFactory.createAPIResponse()
            .description(
                types.stream()
                    .map(
                        type ->
                            "/problems/"
                                + type.code()
                                + ": "
                                + texts.title(type.code(), Language.ENGLISH))
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

  private Map<String, Object> example(ProblemType type) {
    Map<String, Object> members = new LinkedHashMap<>();
    switch (type) {
      case INVALID_REQUEST ->
          members.put(
              "violations", List.of(Problems.violation("chunk.rows", "must be from 10 to 100000")));
      case ILLEGAL_TRANSITION -> {
        members.put("from", "succeeded");
        members.put("to", "paused");
        members.put("allowed", List.of());
      }
      case NOT_UNDOABLE -> {
        members.put("batch", 42);
        members.put("status", "running");
        members.put("reason", "active");
      }
      case UNDO_EXPIRED -> {
        members.put("batch", 42);
        members.put("expiredAt", "2026-01-15T00:00:00Z");
      }
      case BATCH_ENDED -> members.put("status", "succeeded");
      case PROJECT_BUSY -> {
        members.put("batch", 42);
        members.put("progress", Map.of("rowsTotal", 1000000, "rowsScanned", 250000));
      }
      case PLAN_DRIFT ->
          members.put(
              "differences",
              List.of(
                  Map.of(
                      "what", "column price",
                      "before", "decimal(10,2)",
                      "after", "decimal(12,2)")));
      case FORBIDDEN -> members.put("role", "author");
      case NAME_TAKEN -> members.put("name", "nightly");
      case PLAN_EXPIRED -> members.put("expiredAt", "2026-01-01T12:00:00Z");
      case UNKNOWN_PLAN -> members.put("plan", "0123456789abcdef0123456789abcdef");
      case OWN_APPROVAL -> members.put("submittedBy", "alice");
      case TOO_MANY_ROWS -> {
        members.put("planned", 250000);
        members.put("maxRows", 100000);
        members.put("exact", true);
      }
      case UNKNOWN_STATEMENT -> members.put("statement", "raise-prices");
      case UNSUPPORTED_STATEMENT -> members.put("reasons", List.of("Leave out LIMIT."));
      case UNKNOWN_TABLE, NO_USABLE_KEY -> members.put("table", "shop.item");
      case PARAMETER_MISMATCH -> {
        members.put("missing", List.of("factor"));
        members.put("unused", List.of());
      }
      case INTERNAL_ERROR -> members.put("id", "3f1d1bb0-6a3c-4f5e-9d0c-2f6d2b0e8a11");
      default -> {}
    }
    return new Problems(texts)
        .document(type.code(), members, List.of(), "/api/v1/projects/p1/batches", Language.ENGLISH);
  }

  private static void complete(@Nullable Schema schema, Class<? extends Record> type) {
    if (schema == null) {
      return;
    }
    List<String> names = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      names.add(component.getName());
      Schema property = property(schema, component.getName());
      if (component.getType() == Instant.class) {
        property.ref(null).type(List.of(SchemaType.STRING)).format("date-time");
      }
      if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
        continue;
      }
      if (property.getRef() == null) {
        property.addType(SchemaType.NULL);
      } else {
        schema.addProperty(
            component.getName(),
            OASFactory.createSchema()
                .addAnyOf(OASFactory.createSchema().ref(property.getRef()))
                .addAnyOf(OASFactory.createSchema().addType(SchemaType.NULL)));
      }
    }
    schema.required(names);
  }

  /** Describes the pool's records, which belong to another package and have no annotations. */
  private static void describePool(Map<String, Schema> schemas) {
    describe(schemas, "PoolView", "size", "Maximum number of threads");
    describe(schemas, "PoolView", "active", "Number of threads that run a batch");
    describe(schemas, "PoolView", "queued", "Number of accepted batches without a thread");
    describe(
        schemas,
        "PoolView",
        "queueCapacity",
        "Number of batches that may be queued before a start is rejected with 503");
    describe(schemas, "PoolView", "threads", "Batches that threads run, longest-running first");
    describe(schemas, "Working", "batch", "Id of the batch; null when the caller does not see it");
    describe(
        schemas,
        "Working",
        "project",
        "Project of the batch; null when the caller does not see it");
    describe(schemas, "Working", "since", "Time at which this thread took the batch");
    describe(
        schemas,
        "Working",
        "stuckSince",
        "Since when it has been processing a chunk that takes ten times as long as it should");
    describe(schemas, "Serial", "holder", "Id of the serial batch whose turn it is");
    describe(schemas, "Serial", "waiting", "Ids of the serial batches that follow, next first");
  }

  private static void describeNodes(Map<String, Schema> schemas) {
    describe(schemas, "NodeView", "id", "Id of the process, generated at its start");
    describe(
        schemas,
        "NodeView",
        "name",
        "Name shown in batches; other processes may have the same one");
    describe(schemas, "NodeView", "since", "Time at which the node joined");
    describe(schemas, "NodeView", "lastSeen", "Time of its last sign of life");
    describe(schemas, "NodeView", "alive", "Whether the last sign of life is recent enough");
    describe(schemas, "NodeView", "version", "Version of its build");
    describe(schemas, "NodeView", "poolSize", "Maximum number of its threads");
    describe(schemas, "NodeView", "running", "Batches that it runs, longest-running first");
    describe(schemas, "Running", "batch", "Id of the batch; null when the caller does not see it");
    describe(
        schemas,
        "Running",
        "project",
        "Project of the batch; null when the caller does not see it");
    describe(schemas, "Running", "since", "Time at which its first thread on the node began");
  }

  private static void describe(
      Map<String, Schema> schemas, String name, String property, String description) {
    Schema schema = schemas.get(name);
    if (schema != null) {
      property(schema, property).description(description);
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

  static Schema type(SchemaType type, String description) {
    return OASFactory.createSchema().addType(type).description(description);
  }
}
