package dev.rowmill.throttle;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Holds the connections on which chunks run, and which so may hold locks. Thread-safe. */
final class HeldLocks {

  private final Map<Long, LockWaits> byConnection = new ConcurrentHashMap<>();

  void add(long connection, LockWaits waits) {
    LockWaits before = byConnection.put(connection, waits);
    if (before != null && before != waits) {
      before.over();
    }
  }

  void remove(long connection, LockWaits waits) {
    // Remove only its own entry: another lane may have got the connection since.
    byConnection.remove(connection, waits);
  }

  Set<Long> connections() {
    return Set.copyOf(byConnection.keySet());
  }

  /**
   * Passes the result of a sample to the lanes.
   *
   * @param covered connections that the sample covered
   * @param longest longest wait for the locks of each connection, in nanoseconds; no entry without
   *     a wait
   */
  void seen(Set<Long> covered, Map<Long, Long> longest) {
    byConnection.forEach(
        (connection, waits) -> {
          if (covered.contains(connection)) {
            waits.sampled(longest.getOrDefault(connection, 0L));
          }
        });
  }
}
