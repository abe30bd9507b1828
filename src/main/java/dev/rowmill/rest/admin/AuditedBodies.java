package dev.rowmill.rest.admin;

import dev.rowmill.rest.batch.SavedStatementBody;
import dev.rowmill.rest.batch.SettingsBody;
import dev.rowmill.rest.batch.StartBody;
import dev.rowmill.rest.batch.UndoRequestBody;
import dev.rowmill.rest.http.AuditedMembers;
import dev.rowmill.rest.http.BodyReader;
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
            UndoRequestBody.class,
            SettingsBody.class,
            SavedStatementBody.class,
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
