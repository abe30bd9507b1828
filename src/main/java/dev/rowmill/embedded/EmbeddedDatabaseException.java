package dev.rowmill.embedded;

import org.jspecify.annotations.Nullable;

/** The embedded database can't start; the message says why and what to do, for a person to read. */
public final class EmbeddedDatabaseException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  EmbeddedDatabaseException(String message) {
    this(message, null);
  }

  EmbeddedDatabaseException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
