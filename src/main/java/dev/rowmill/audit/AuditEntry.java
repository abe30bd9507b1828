package dev.rowmill.audit;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Something that was done, or refused. Immutable. Texts are as they are stored: cut to what their
 * columns hold, and without halves of surrogate pairs, so that what is hashed is what is read back.
 *
 * @param at to the millisecond
 * @param actor name of the caller's token; null where the service ran open or nobody was known
 * @param role of the caller; {@link #SERVICE} for what happened by itself
 * @param address that the request came from
 * @param operation such as {@code startBatch}
 * @param request method and path
 * @param statement the beginning of the SQL, or the name of the task or saved statement
 * @param statementSha256 of the whole statement, in UTF-8, in hexadecimal
 * @param detail a JSON object: what else was asked for, without the values of parameters
 * @param status of the answer
 * @param problem the last part of the type of the problem that was answered
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

  /** The role of the service itself, which no token has. */
  public static final String SERVICE = "service";

  /** What the service is called as an actor. */
  public static final String ROWMILL = "rowmill";

  /** The longest detail, in characters. */
  public static final int LONGEST_DETAIL = 2000;

  /** Makes an entry of whatever it is given. */
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

  /** Something that happened by itself. */
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
