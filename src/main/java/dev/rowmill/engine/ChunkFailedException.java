package dev.rowmill.engine;

import dev.rowmill.task.Chunk;
import org.jspecify.annotations.Nullable;

/** A chunk's transaction did not go through, or it is not known whether it did. */
final class ChunkFailedException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient @Nullable Chunk chunk;

  /**
   * @param chunk the range in hand; null when the error came before there was one
   */
  ChunkFailedException(@Nullable Chunk chunk, Throwable cause) {
    super(chunk == null ? "before the first chunk" : "chunk " + chunk, cause);
    this.chunk = chunk;
  }

  @Nullable Chunk chunk() {
    return chunk;
  }

  /** The error itself. */
  Throwable reason() {
    return getCause() == null ? this : getCause();
  }
}
