package dev.rowmill.rest.http;

import dev.rowmill.audit.AuditEntry;
import dev.rowmill.batch.BatchView;
import dev.rowmill.security.Caller;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What the audit is to know of a request that is under way. For one thread at a time. */
final class AuditedRequest {

  private final String operation;
  private final String request;
  private final AuditedBody body = new AuditedBody();
  private @Nullable String project;
  private @Nullable Long batch;
  private @Nullable String statement;
  private boolean done;

  /**
   * @param request method and path
   */
  AuditedRequest(String operation, String request) {
    this.operation = operation;
    this.request = request;
  }

  AuditedBody body() {
    return body;
  }

  /** The first call says so, and leaves the line; any other has nothing to do. */
  boolean begin() {
    boolean first = !done;
    done = true;
    return first;
  }

  void isOf(@Nullable String named, @Nullable Long id) {
    project = named == null ? project : named;
    batch = id == null ? batch : id;
  }

  void isOf(BatchView stored) {
    isOf(stored.project(), stored.id());
    statement = stored.sql();
  }

  void isOf(AuditedBatch answered) {
    isOf(answered.project(), answered.id());
    statement = answered.sql();
  }

  /**
   * @param problem code of the problem that was answered
   */
  AuditEntry entry(Instant at, Caller caller, int status, @Nullable String problem) {
    AuditedBody.Summary asked = body.summary();
    String whole = asked.statement() == null ? statement : asked.statement();
    return new AuditEntry(
        at,
        caller.name(),
        caller.role() == null ? null : caller.role().code(),
        caller.address(),
        operation,
        request,
        project,
        batch,
        whole == null ? asked.named() : whole,
        whole == null ? null : AuditedBody.sha256(whole),
        asked.detail(),
        status,
        problem);
  }
}
