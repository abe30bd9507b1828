package dev.rowmill.rest.mcp;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchView;
import dev.rowmill.rest.batch.BatchBodies;
import dev.rowmill.rest.batch.BatchBody;
import dev.rowmill.rest.http.Language;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** Shows batches to assistants. Safe for many threads. */
@ApplicationScoped
class BatchResults {

  /** Lists the members of a batch that are Rowmill's own, and matter to an assistant. */
  private static final List<String> OWN =
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
          "undoneBy");

  /** Lists the members of a batch that are data, and matter to an assistant. */
  private static final List<String> DATA =
      List.of(
          "submittedBy", "sql", "parameters", "reason", "labels", "statement", "throttle", "error");

  private static final List<String> SHOWN = Stream.of(OWN, DATA).flatMap(List::stream).toList();

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
    return of(batch, bodies.of(batch, Language.ENGLISH));
  }

  /** Returns batches as an assistant sees them, in their order. */
  List<ToolResult> of(List<BatchView> batches) {
    Iterator<BatchBody> shown = bodies.of(batches, Language.ENGLISH).iterator();
    return batches.stream().map(batch -> of(batch, shown.next())).toList();
  }

  private ToolResult of(BatchView batch, BatchBody shown) {
    ObjectNode body = (ObjectNode) ToolResult.json(mapper, shown);
    body.retain(SHOWN);
    ToolResult result = new ToolResult(body);
    if (body.get("approval") instanceof ObjectNode approval) {
      result.withData("approval", approval.deepCopy().without(OF_APPROVAL));
      approval.retain(OF_APPROVAL);
    }
    return result.with("approvalNeeded", batch.awaitsApproval()).isData(DATA);
  }
}
