package dev.rowmill.files;

import java.io.IOException;

/** Reports a file that can't be read any further. */
public final class BrokenFileException extends IOException {

  private static final long serialVersionUID = 1L;

  private final long line;

  /**
   * @param line number of the line, from 1
   * @param message what is wrong, in English
   */
  BrokenFileException(long line, String message) {
    super(message);
    this.line = line;
  }

  /** Returns the number of the line, from 1. */
  public long line() {
    return line;
  }
}
