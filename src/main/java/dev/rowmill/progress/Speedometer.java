package dev.rowmill.progress;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/**
 * Measures how fast a count grows, over windows that end now. Stores the points of one minute, some
 * hundred at most. For one thread.
 */
final class Speedometer {

  /** Sets the window of the present speed, in nanoseconds: long enough for chunks of a second. */
  static final long MOMENT = TimeUnit.SECONDS.toNanos(5);

  /**
   * Sets the window of the average speed, in nanoseconds, over which a throttle's waits even out.
   */
  static final long LATELY = TimeUnit.MINUTES.toNanos(1);

  private static final long APART = TimeUnit.MILLISECONDS.toNanos(250);

  private record Point(long nanos, long count) {}

  /**
   * Holds the points, oldest first; the first is at or before the beginning of the longest window.
   */
  private final Deque<Point> points = new ArrayDeque<>();

  private Point newest;

  /**
   * Starts the measurement.
   *
   * @param count count at the beginning
   */
  Speedometer(long nanos, long count) {
    newest = new Point(nanos, count);
    points.add(newest);
  }

  void add(long nanos, long count) {
    newest = new Point(nanos, count);
    if (nanos - points.getLast().nanos >= APART) {
      points.addLast(newest);
    }
    Iterator<Point> old = points.iterator();
    old.next();
    while (old.hasNext() && nanos - old.next().nanos >= LATELY) {
      points.removeFirst();
      old = points.iterator();
      old.next();
    }
  }

  /**
   * Returns the growth per second, from the newest point older than the window, or else from the
   * first.
   */
  double perSecond(long window, long now) {
    Point from = points.getFirst();
    for (Point point : points) {
      if (now - point.nanos < window) {
        break;
      }
      from = point;
    }
    long nanos = Math.max(now - from.nanos, TimeUnit.MILLISECONDS.toNanos(1));
    return (double) (newest.count - from.count) * TimeUnit.SECONDS.toNanos(1) / nanos;
  }
}
