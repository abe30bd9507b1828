package dev.rowmill.security;

import dev.rowmill.batch.ProjectPatterns;
import org.jspecify.annotations.Nullable;

/**
 * Represents the sender of a request. Immutable.
 *
 * @param name name of the token; null if the service runs in mode {@code open}, or if the caller is
 *     not authenticated
 * @param role null if the caller is not authenticated: the request had no token, or an invalid one
 * @param projects projects that the caller may access; none if the caller is not authenticated
 * @param address address that the request came from; null if unknown
 */
public record Caller(
    @Nullable String name,
    @Nullable Role role,
    ProjectPatterns projects,
    @Nullable String address) {

  static Caller nobody(@Nullable String address) {
    return new Caller(null, null, ProjectPatterns.NONE, address);
  }

  /**
   * Checks whether the caller may access a project. Other projects appear to the caller as
   * nonexistent.
   */
  public boolean sees(String project) {
    return projects.include(project);
  }

  /** Checks whether the caller's role includes another role. */
  public boolean is(Role needed) {
    return role != null && role.includes(needed);
  }
}
