package dev.rowmill.rest.openapi;

import dev.rowmill.rest.admin.HttpTaskBody;
import dev.rowmill.rest.admin.LeaseResource;
import dev.rowmill.rest.admin.SessionResource;
import dev.rowmill.rest.admin.TokenRequestBody;
import dev.rowmill.rest.batch.ChainRequestBody;
import dev.rowmill.rest.batch.ChangeBody;
import dev.rowmill.rest.batch.ExportBody;
import dev.rowmill.rest.batch.RestoreBody;
import dev.rowmill.rest.batch.RetryBody;
import dev.rowmill.rest.batch.SavedStatementBody;
import dev.rowmill.rest.batch.SettingsBody;
import dev.rowmill.rest.batch.StartBody;
import dev.rowmill.rest.batch.UndoRequestBody;
import dev.rowmill.rest.schedule.ApprovalBody;
import dev.rowmill.rest.schedule.RetentionBody;
import dev.rowmill.rest.schedule.ScheduleBody;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;

/** Describes the bodies of requests. For one thread. */
final class RequestSchemas {

  /** Lists the members of a start that a schedule does not have. */
  private static final Set<String> NOT_OF_SCHEDULES =
      Set.of("startAt", "after", "upload", "table", "match", "do", "set", "expect");

  /** Lists the members of a schedule that a retention does not have. */
  private static final Set<String> NOT_OF_RETENTIONS =
      Set.of("sql", "task", "select", "batchRows", "statement", "walk", "archive");

  private final Components components;
  private final BodySchema bodies;

  RequestSchemas(Components components) {
    this.components = components;
    this.bodies = new BodySchema(components);
  }

  /** Adds the schemas of the bodies. */
  void add() {
    components
        .addSchema(
            "Start",
            bodies
                .of(
                    StartBody.PlannedBody.class,
                    "Start request with exactly one of sql, task, statement, archive, upload and plan")
                .addProperty("parameters", ValueSchemas.parameters()))
        .addSchema("Labels", ValueSchemas.labels())
        .addSchema(ValueSchemas.TYPED_VALUE, ValueSchemas.typed())
        .addSchema(
            "ChainRequest", bodies.of(ChainRequestBody.class, "Steps that wait for each other"))
        .addSchema("RetryRequest", bodies.of(RetryBody.class, "What a retry changes"))
        .addSchema("RestoreRequest", bodies.of(RestoreBody.class, "Settings of a restore"))
        .addSchema(
            "Export",
            bodies
                .of(ExportBody.class, "Query, format and place of the files")
                .addProperty("parameters", ValueSchemas.parameters()))
        .addSchema("UndoRequest", bodies.of(UndoRequestBody.class, "Settings of an undo"))
        .addSchema(
            "ChainUndoRequest",
            bodies.of(UndoRequestBody.class, "Settings of the undo of each step"))
        .addSchema(
            "Settings",
            bodies.of(
                ChangeBody.class, "Settings to change; members that are left out are unchanged"))
        .addSchema(
            "Limits",
            bodies.of(
                SettingsBody.LimitsBody.class,
                "Throttle limits that replace the configured ones; 0 means no limit. docs/throttles.md"
                    + " describes them"));
    Schema statement =
        bodies.of(
            SavedStatementBody.class,
            "A statement, and the values and bounds that its starts may use");
    patterns(statement);
    components.addSchema("SavedStatementRequest", statement);
    components
        .addSchema(
            "HttpTaskRequest",
            bodies.of(HttpTaskBody.class, "A task that another service does over HTTP"))
        .addSchema(
            "CompleteRequest",
            bodies.of(LeaseResource.CompleteBody.class, "The answer to a leased chunk"))
        .addSchema("ExtendRequest", bodies.of(LeaseResource.ExtendBody.class, "A lease"))
        .addSchema("ScheduleRequest", schedule())
        .addSchema(
            "ScheduleApprovalRequest",
            bodies.of(ApprovalBody.class, "Approval of what the batches of a schedule change"))
        .addSchema("RetentionRequest", retention())
        .addSchema(
            "SignIn", bodies.of(SessionResource.SignInBody.class, "Credentials of a sign-in"))
        .addSchema("TokenRequest", token());
    Stream.of("ChainUndoRequest", "ChainStepRequest")
        .map(name -> Schemas.component(components, name))
        .forEach(schema -> ChainRequestBody.NOT_OF_STEPS.forEach(schema::removeProperty));
  }

  private Schema token() {
    Schema body = bodies.of(TokenRequestBody.class, "Name, permissions and expiry of a token");
    patterns(body).maxLength(64);
    return body;
  }

  /**
   * Describes the items of a body's projects, which annotations can't, and returns their schema.
   */
  private static Schema patterns(Schema body) {
    Schema item = Schemas.type(SchemaType.STRING, "A pattern");
    Schemas.property(body, "projects").items(item);
    return item;
  }

  /**
   * Returns the body of a schedule: its own members, and all of a start that it does not define.
   */
  private Schema schedule() {
    Schema own = bodies.of(ScheduleBody.class, "A schedule, and what it starts");
    Schema start =
        bodies.of(StartBody.class, "").addProperty("parameters", ValueSchemas.parameters());
    start
        .getProperties()
        .forEach(
            (name, member) -> {
              if (!NOT_OF_SCHEDULES.contains(name) && !own.getProperties().containsKey(name)) {
                own.addProperty(name, member);
              }
            });
    return own;
  }

  /** Returns the body of a retention: its own members, and those of a schedule without its work. */
  private Schema retention() {
    Schema own = bodies.of(RetentionBody.class, "Which rows to delete, and members of a schedule");
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
}
