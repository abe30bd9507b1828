package dev.rowmill.archive;

import jakarta.validation.constraints.Positive;

/**
 * Holds the parameters of a {@link FileRestoreTask}.
 *
 * @param archive id of the batch that has archived the rows, in the same project
 */
public record FileRestoreParameters(@Positive long archive) {

  /** Returns the parameters as JSON. */
  public static String json(long archive) {
    return "{\"archive\": " + archive + "}";
  }
}
