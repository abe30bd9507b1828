package dev.rowmill.security;

import jakarta.persistence.EnumeratedValue;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Defines what a caller may do. Each role includes all roles before it, except that an agent may
 * plan SQL of its own and an operator may not.
 */
public enum Role {
  /** Reads only. */
  VIEWER(Names.VIEWER),
  /** Plans changes through the server for assistants as well, and starts these plans there. */
  AGENT(Names.AGENT),
  /** Starts registered tasks and saved statements, and controls batches. */
  OPERATOR(Names.OPERATOR),
  /** Starts the caller's own SQL as well. */
  AUTHOR(Names.AUTHOR),
  /** Manages tokens, saved statements and settings as well. */
  ADMIN(Names.ADMIN);

  /** Holds the codes of the roles as constants for annotations. */
  public static final class Names {
    public static final String VIEWER = "viewer";
    public static final String AGENT = "agent";
    public static final String OPERATOR = "operator";
    public static final String AUTHOR = "author";
    public static final String ADMIN = "admin";

    private Names() {}
  }

  @EnumeratedValue private final String code;

  Role(String code) {
    this.code = code;
  }

  /** Returns the name that the REST API and the database use: in lower case. */
  public String code() {
    return code;
  }

  /** Returns the role with a code; empty if there is none. */
  public static Optional<Role> of(String code) {
    return Arrays.stream(values()).filter(role -> role.code().equals(code)).findFirst();
  }

  /** Returns whether this role includes another one. */
  public boolean includes(Role other) {
    return compareTo(other) >= 0;
  }

  /** Returns the codes of this role and of all roles that it includes. */
  Set<String> codes() {
    return Arrays.stream(values())
        .filter(this::includes)
        .map(Role::code)
        .collect(Collectors.toSet());
  }
}
