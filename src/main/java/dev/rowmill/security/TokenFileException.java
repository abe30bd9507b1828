package dev.rowmill.security;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Reports that the file for the first admin token can't be written. The service does not start
 * then.
 */
public final class TokenFileException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  TokenFileException(Path file, IOException cause) {
    super(
        "The first admin token can't be written to "
            + file
            + ": "
            + cause
            + ". Set ROWMILL_AUTH_TOKEN_FILE to a file in a folder that can be written to.",
        cause);
  }
}
