package dev.rowmill.audit;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Represents an action that was performed or rejected. Immutable. Texts are truncated to their
 * columns, and unpaired surrogates are replaced. So the hash covers exactly the text that is read
 * back.
 *
 * @param at time, to the millisecond
 * @param actor name of the caller's token; null if the service ran in mode {@code open} or the
 *     caller was not authenticated
 * @param role role of the caller; {@link #SERVICE} for an action of the service itself
 * @param address address that the request came from
 * @param operation operation, such as {@code startBatch}
 * @param request method and path
 * @param statement the beginning of the SQL, or the name of the task or saved statement
 * @param statementSha256 SHA-256 of the whole statement in UTF-8, in hexadecimal
 * @param detail JSON object with the other members of the request, without parameter values
 * @param status HTTP status of the response
 * @param problem last segment of the problem type in the response
 */
public record AuditEntry(
    Instant at,
    @Nullable String actor,
    @Nullable String role,
    @Nullable String address,
    String operation,
    @Nullable String request,
    @Nullable String project,
    @Nullable Long batch,
    @Nullable String statement,
    @Nullable String statementSha256,
    @Nullable String detail,
    @Nullable Integer status,
    @Nullable String problem) {

  /** Marks entries of the service itself; no token has this role. */
  public static final String SERVICE = "service";

  /** Represents the service as an actor. */
  public static final String ROWMILL = "rowmill";

  /** Limits the length of the detail, in characters. */
  public static final int LONGEST_DETAIL = 2000;

  /** Truncates the texts and the time to the precision that is stored. */
  public AuditEntry {
    at = at.truncatedTo(ChronoUnit.MILLIS);
    actor = storable(actor, 255);
    role = storable(role, 16);
    address = storable(address, 64);
    operation = String.valueOf(storable(operation, 64));
    request = storable(request, 500);
    project = storable(project, 64);
    statement = storable(statement, 2000);
    statementSha256 = storable(statementSha256, 64);
    detail = storable(detail, LONGEST_DETAIL);
    problem = storable(problem, 64);
  }

  /** Returns an entry for an action of the service itself. */
  static AuditEntry ofService(
      Instant at, String operation, @Nullable String project, @Nullable Long batch) {
    return new AuditEntry(
        at, ROWMILL, SERVICE, null, operation, null, project, batch, null, null, null, null, null);
  }

  private static @Nullable String storable(@Nullable String text, int longest) {
    if (text == null) {
      return null;
    }
    var stored = new StringBuilder(Math.min(text.length(), longest));
    text.codePoints()
        .limit(longest)
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
        .forEach(stored::appendCodePoint);
    return stored.toString();
  }
}
