package dev.rowmill.files;

import java.io.IOException;

/** Reports a file with rows that can't be read, and why, in English. */
public final class UnreadableFileException extends IOException {

  private static final long serialVersionUID = 1L;

  UnreadableFileException(String message) {
    super(message);
  }

  UnreadableFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
