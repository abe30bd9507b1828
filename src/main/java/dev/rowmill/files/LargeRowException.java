package dev.rowmill.files;

import java.io.IOException;

/** Reports a row that is too large for its file, and what to do, in English. */
public final class LargeRowException extends IOException {

  private static final long serialVersionUID = 1L;

  LargeRowException(String message) {
    super(message);
  }
}
