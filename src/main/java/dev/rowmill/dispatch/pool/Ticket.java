package dev.rowmill.dispatch.pool;

/**
 * A batch's part in the tracker while a thread works on it. Closing it, which must happen on the
 * thread that took it, lets the serial lock go; it may be closed more than once.
 */
public interface Ticket extends AutoCloseable {
  @Override
  void close();
}
