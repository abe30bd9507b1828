package dev.rowmill.export;

import java.sql.SQLTransientException;

/**
 * Reports that files can't be written or read now. The chunk is then retried, but not as often as
 * while the database is away.
 */
public final class StorageException extends SQLTransientException {

  private static final long serialVersionUID = 1L;

  /** Means an input or output error outside of the database. */
  private static final String SQL_STATE = "58030";

  /**
   * @param place where the files are, without secrets
   */
  public StorageException(String place, Exception cause) {
    super("the files in " + place + " can't be written or read: " + cause, SQL_STATE, cause);
  }
}
