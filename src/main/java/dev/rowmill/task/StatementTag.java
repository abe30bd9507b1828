package dev.rowmill.task;

/**
 * Identifies the batch and lane of a statement in an SQL comment, so that the server's own logs
 * lead back to the batch. All chunks of a lane share the comment, so a statement is prepared once.
 *
 * @param lane number of the lane
 */
public record StatementTag(long batch, int lane) {

  /** Returns the comment of the statements of a lane. */
  public String comment() {
    return "/* rowmill batch=" + batch + " lane=" + lane + " */";
  }
}
