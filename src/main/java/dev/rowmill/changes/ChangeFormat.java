package dev.rowmill.changes;

import java.util.Locale;

/** Represents a format in which changes are written. */
public enum ChangeFormat {
  /** Represents lines of JSON objects. */
  NDJSON("application/x-ndjson"),
  /** Represents comma-separated values (RFC 4180) with a header line. */
  CSV("text/csv; charset=UTF-8"),
  /** Represents statements for the command-line clients of MariaDB and MySQL. */
  SQL("application/sql");

  private final String contentType;

  ChangeFormat(String contentType) {
    this.contentType = contentType;
  }

  /** Returns the name in requests, in lower case. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  public String contentType() {
    return contentType;
  }
}
