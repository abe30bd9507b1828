package dev.rowmill.batch;

/**
 * Indicates that a run is no longer the newest of its batch, or that its batch is deleted. The run
 * must stop and roll back what it has not committed.
 */
public final class FencedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public FencedException(long batch, int epoch) {
    super("run " + epoch + " of batch " + batch + " has been overtaken by a newer one");
  }
}
