package dev.rowmill.rest.openapi;

import dev.rowmill.rest.admin.HttpTaskBody;
import dev.rowmill.rest.admin.LeaseResource;
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
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.media.Schema;

/** Describes the bodies of requests. Stateless. */
final class RequestSchemas {

  /** Lists the members of a start that a schedule does not have. */
  private static final Set<String> NOT_OF_SCHEDULES =
      Set.of("startAt", "after", "upload", "table", "match", "do", "set", "expect");

  /** Lists the members of a schedule that a retention does not have. */
  private static final Set<String> NOT_OF_RETENTIONS =
      Set.of("sql", "task", "select", "batchRows", "statement", "walk", "archive");

  private RequestSchemas() {}

  /** Adds the schemas of the bodies. */
  static void addTo(Components components) {
    components
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
              if (!NOT_OF_SCHEDULES.contains(name) && !own.getProperties().containsKey(name)) {
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
}
