package dev.rowmill.rest.mcp;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchView;
import dev.rowmill.rest.batch.BatchBodies;
import dev.rowmill.rest.http.Language;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Shows batches to assistants. Safe for many threads. */
@ApplicationScoped
class BatchResults {

  /** Lists the members of a batch that matter to an assistant. */
  private static final List<String> SHOWN =
      List.of(
          "id",
          "project",
          "kind",
          "status",
          "pending",
          "createdAt",
          "startedAt",
          "finishedAt",
          "progress",
          "approval",
          "undo",
          "undoes",
          "undoneBy",
          "submittedBy",
          "sql",
          "parameters",
          "reason",
          "labels",
          "statement",
          "throttle",
          "error");

  /** Lists the members of an approval that are no names. */
  private static final List<String> OF_APPROVAL =
      List.of("needed", "reason", "plannedRows", "exact", "approvedAt");

  private final BatchBodies bodies;
  private final ObjectMapper mapper;

  BatchResults(BatchBodies bodies, ObjectMapper mapper) {
    this.bodies = bodies;
    this.mapper = mapper;
  }

  /** Returns a batch as an assistant sees it. */
  ToolResult of(BatchView batch) {
    ObjectNode body = (ObjectNode) ToolResult.json(mapper, bodies.of(batch, Language.ENGLISH));
    body.retain(SHOWN);
    ToolResult result = new ToolResult(body);
    if (body.get("approval") instanceof ObjectNode approval) {
      result.withData("approval", approval.deepCopy().without(OF_APPROVAL));
      approval.retain(OF_APPROVAL);
    }
    return result
        .with("approvalNeeded", batch.awaitsApproval())
        .isData(
            "submittedBy",
            "sql",
            "parameters",
            "reason",
            "labels",
            "statement",
            "throttle",
            "error");
  }
}
