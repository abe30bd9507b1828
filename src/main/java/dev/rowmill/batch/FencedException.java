package dev.rowmill.batch;

/**
 * A run is no longer the newest of its batch, or its batch is gone: it must stop, and what it has
 * not committed must be rolled back.
 */
public final class FencedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public FencedException(long batch, int epoch) {
    super("run " + epoch + " of batch " + batch + " has been overtaken by a newer one");
  }
}
