package dev.rowmill.dispatch.pool;

/**
 * Represents a batch in the tracker while a thread works on it. Closing it releases the lock of
 * serial mode, and must happen on the thread that took it. It may be closed more than once.
 */
public interface Ticket extends AutoCloseable {
  @Override
  void close();
}
