package dev.rowmill.rest.admin;

import dev.rowmill.rest.batch.ChangeBody;
import dev.rowmill.rest.batch.ExportBody;
import dev.rowmill.rest.batch.RestoreBody;
import dev.rowmill.rest.batch.SavedStatementBody;
import dev.rowmill.rest.batch.StartBody;
import dev.rowmill.rest.batch.UndoRequestBody;
import dev.rowmill.rest.http.AuditedMembers;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.schedule.ApprovalBody;
import dev.rowmill.rest.schedule.RetentionBody;
import dev.rowmill.rest.schedule.ScheduleBody;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Stream;

/** Lists the bodies of requests, whose members the audit copies. Immutable. */
@ApplicationScoped
class AuditedBodies implements AuditedMembers {

  private final Set<String> names = new LinkedHashSet<>();

  AuditedBodies() {
    Stream.of(
            StartBody.PlannedBody.class,
            ExportBody.class,
            UndoRequestBody.class,
            RestoreBody.class,
            ChangeBody.class,
            SavedStatementBody.class,
            HttpTaskBody.class,
            ScheduleBody.class,
            RetentionBody.class,
            ApprovalBody.class,
            TokenRequestBody.class,
            SessionResource.SignInBody.class)
        .map(BodyReader::audited)
        .forEach(names::addAll);
  }

  @Override
  public Set<String> names() {
    return names;
  }
}
