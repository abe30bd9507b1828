package dev.rowmill.security;

import dev.rowmill.batch.ProjectPatterns;
import org.jspecify.annotations.Nullable;

/**
 * Who a request comes from. Immutable.
 *
 * @param name of the token; null where the service runs open, and for nobody
 * @param role null for nobody: one who showed no token, or a bad one
 * @param projects that the caller has to do with; none for nobody
 * @param address that the request came from; null where it is not known
 */
public record Caller(
    @Nullable String name,
    @Nullable Role role,
    ProjectPatterns projects,
    @Nullable String address) {

  static Caller nobody(@Nullable String address) {
    return new Caller(null, null, ProjectPatterns.NONE, address);
  }

  /** Whether the caller has to do with a project; what is not seen does not exist for them. */
  public boolean sees(String project) {
    return projects.include(project);
  }

  /** Whether the caller may do what a role may. */
  public boolean is(Role needed) {
    return role != null && role.includes(needed);
  }
}
