package dev.rowmill.batch;

/**
 * Reports that a run is no longer the newest of its batch, or that its batch is gone. The run must
 * stop and roll back its uncommitted work.
 */
public final class FencedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public FencedException(long batch, int epoch) {
    super("run " + epoch + " of batch " + batch + " has been overtaken by a newer one");
  }
}
