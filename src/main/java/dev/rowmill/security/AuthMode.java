package dev.rowmill.security;

/** Specifies whether callers must authenticate. */
public enum AuthMode {
  /**
   * Permits everything to everyone who can reach the service. Meant for a single user's machine.
   */
  OPEN,
  /** Requires a token for each request, or the session of a browser that has logged in with one. */
  TOKEN
}
