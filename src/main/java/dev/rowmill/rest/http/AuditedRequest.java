package dev.rowmill.rest.http;

import dev.rowmill.audit.AuditEntry;
import dev.rowmill.batch.BatchView;
import dev.rowmill.database.Digests;
import dev.rowmill.security.Caller;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Holds what the audit will store of a request in progress. For one thread at a time. */
final class AuditedRequest {

  private final String operation;
  private final String request;
  private final AuditedBody body;
  private @Nullable String project;
  private @Nullable Long batch;
  private @Nullable String statement;
  private boolean done;

  /**
   * Creates the record of a request.
   *
   * @param operation name of the operation
   * @param request method and path
   * @param copied names of the members of the body that are copied
   */
  AuditedRequest(String operation, String request, Set<String> copied) {
    this.operation = operation;
    this.request = request;
    this.body = new AuditedBody(copied);
  }

  AuditedBody body() {
    return body;
  }

  /** Checks whether the line is written. */
  boolean isDone() {
    return done;
  }

  /**
   * Marks the line as written.
   *
   * @return true for the first call, whose caller must write the line; false for later calls
   */
  boolean begin() {
    boolean first = !done;
    done = true;
    return first;
  }

  void isOf(@Nullable String named, @Nullable Long id) {
    project = named == null ? project : named;
    batch = id == null ? batch : id;
  }

  void isOf(AuditedBatch response) {
    isOf(response.project(), response.id());
    statement = response.sql();
  }

  /**
   * Returns the line for the audit.
   *
   * @param problem code of the problem in the response
   */
  AuditEntry entry(Instant at, Caller caller, int status, @Nullable String problem) {
    return entry(at, caller, status, problem, project, batch, statement);
  }

  /** Returns the line of a start that stores a batch. */
  AuditEntry entry(Instant at, Caller caller, BatchView stored) {
    return entry(at, caller, 202, null, stored.project(), stored.id(), stored.sql());
  }

  private AuditEntry entry(
      Instant at,
      Caller caller,
      int status,
      @Nullable String problem,
      @Nullable String ofProject,
      @Nullable Long ofBatch,
      @Nullable String ofStatement) {
    AuditedBody.Summary summary = body.summary();
    String whole = summary.statement() == null ? ofStatement : summary.statement();
    return new AuditEntry(
        at,
        caller.name(),
        caller.role() == null ? null : caller.role().code(),
        caller.address(),
        operation,
        request,
        ofProject,
        ofBatch,
        whole == null ? summary.named() : whole,
        whole == null ? null : Digests.sha256Hex(whole),
        summary.detail(),
        status,
        problem);
  }
}
