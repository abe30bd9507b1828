package dev.rowmill.engine;

import dev.rowmill.task.Chunk;
import org.jspecify.annotations.Nullable;

/** Reports that the transaction of a chunk has failed, or that its outcome is unknown. */
final class ChunkFailedException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient @Nullable Chunk chunk;

  /**
   * @param chunk range of the current chunk; null when the error came before it was known
   */
  ChunkFailedException(@Nullable Chunk chunk, Throwable cause) {
    super(chunk == null ? "before the first chunk" : "chunk " + chunk, cause);
    this.chunk = chunk;
  }

  @Nullable Chunk chunk() {
    return chunk;
  }

  /** Returns the original error. */
  Throwable reason() {
    return getCause() == null ? this : getCause();
  }
}
