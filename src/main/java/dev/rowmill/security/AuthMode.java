package dev.rowmill.security;

/** Whether callers have to say who they are. */
public enum AuthMode {
  /** Whoever reaches the service may do everything: for a machine of one's own. */
  OPEN,
  /** Each request needs a token, or the session of a browser that has signed in with one. */
  TOKEN
}
