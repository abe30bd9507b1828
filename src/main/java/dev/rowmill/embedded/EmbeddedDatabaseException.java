package dev.rowmill.embedded;

import org.jspecify.annotations.Nullable;

/**
 * Reports that the embedded database can't start. The message states the reason and a remedy, for
 * users to read.
 */
public final class EmbeddedDatabaseException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  EmbeddedDatabaseException(String message) {
    this(message, null);
  }

  EmbeddedDatabaseException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
