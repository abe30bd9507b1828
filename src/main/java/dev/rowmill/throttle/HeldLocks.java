package dev.rowmill.throttle;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** On which connections chunks run, and so hold locks. Thread-safe. */
final class HeldLocks {

  private final Map<Long, LockWaits> byConnection = new ConcurrentHashMap<>();

  void add(long connection, LockWaits waits) {
    LockWaits before = byConnection.put(connection, waits);
    if (before != null && before != waits) {
      before.over();
    }
  }

  void remove(long connection, LockWaits waits) {
    // Only if it is still its own: another lane may have got the connection meanwhile.
    byConnection.remove(connection, waits);
  }

  Set<Long> connections() {
    return Set.copyOf(byConnection.keySet());
  }

  /**
   * Tells the lanes what a sample has shown.
   *
   * @param asked the connections that the sample was about
   * @param longest the longest wait for a connection's locks, in nanoseconds; those without are
   *     left out
   */
  void seen(Set<Long> asked, Map<Long, Long> longest) {
    byConnection.forEach(
        (connection, waits) -> {
          if (asked.contains(connection)) {
            waits.seen(longest.getOrDefault(connection, 0L));
          }
        });
  }
}
