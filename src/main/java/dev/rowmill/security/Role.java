package dev.rowmill.security;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What a caller may do. Each role may also do what those before it may. */
public enum Role {
  /** Looks. */
  VIEWER,
  /** Starts registered tasks and saved statements, and controls batches. */
  OPERATOR,
  /** Also starts statements of their own. */
  AUTHOR,
  /** Also manages tokens, saved statements and settings. */
  ADMIN;

  /** The roles' names, as annotations need them. */
  public static final class Names {
    public static final String VIEWER = "viewer";
    public static final String OPERATOR = "operator";
    public static final String AUTHOR = "author";
    public static final String ADMIN = "admin";

    private Names() {}
  }

  /** As callers know it: in small letters. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The role with a code; empty where there is none. */
  public static Optional<Role> of(String code) {
    return Arrays.stream(values()).filter(role -> role.code().equals(code)).findFirst();
  }

  /** Whether it may do what another may. */
  public boolean includes(Role other) {
    return compareTo(other) >= 0;
  }

  /** The codes of this role and of all that it includes. */
  Set<String> codes() {
    return Arrays.stream(values())
        .filter(this::includes)
        .map(Role::code)
        .collect(Collectors.toSet());
  }
}
