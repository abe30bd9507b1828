package dev.rowmill.security;

import org.jspecify.annotations.Nullable;

/**
 * Who a request comes from. Immutable.
 *
 * @param name of the token; null where the service runs open, and nobody is told apart
 * @param address that the request came from; null where it is not known
 */
public record Caller(
    @Nullable String name, Role role, ProjectPatterns projects, @Nullable String address) {

  public boolean sees(String project) {
    return projects.include(project);
  }
}
