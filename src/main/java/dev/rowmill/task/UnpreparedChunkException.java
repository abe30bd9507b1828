package dev.rowmill.task;

/**
 * Reports that a chunk has to be prepared again, because its rows have changed since. Its
 * transaction is rolled back. That is no failure of the chunk.
 */
public final class UnpreparedChunkException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * @param message says which rows have changed
   */
  public UnpreparedChunkException(String message) {
    super(message);
  }
}
