package dev.rowmill.task;

/**
 * Whose statements these are: what a comment in each of them says, so that the server's own logs
 * lead back to the batch.
 *
 * @param lane number of the lane
 * @param chunk number of the chunk in its lane, from 1 on; the same when it is tried again
 */
public record StatementTag(long batch, int lane, long chunk) {

  /** The comment of a statement that is the same for all chunks of a lane. */
  public String ofLane() {
    return "/* rowmill batch=" + batch + " lane=" + lane + " */";
  }

  /** The comment of a statement that does a chunk's work. */
  public String ofChunk() {
    return "/* rowmill batch=" + batch + " lane=" + lane + " chunk=" + chunk + " */";
  }
}
