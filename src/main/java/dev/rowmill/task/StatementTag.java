package dev.rowmill.task;

/**
 * Identifies the lane and chunk of a statement in an SQL comment, so that the server's own logs
 * lead back to the batch.
 *
 * @param lane number of the lane
 * @param chunk number of the chunk in its lane, from 1; unchanged when it is tried again
 */
public record StatementTag(long batch, int lane, long chunk) {

  /** Returns the comment of a statement that is the same for all chunks of a lane. */
  public String ofLane() {
    return "/* rowmill batch=" + batch + " lane=" + lane + " */";
  }

  /** Returns the comment of a statement that does a chunk's work. */
  public String ofChunk() {
    return "/* rowmill batch=" + batch + " lane=" + lane + " chunk=" + chunk + " */";
  }
}
