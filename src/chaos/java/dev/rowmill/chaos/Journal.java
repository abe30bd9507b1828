package dev.rowmill.chaos;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;

/** Records events and violations in their order. Thread-safe. */
final class Journal implements AutoCloseable {

  private static final int REMEMBERED = 100_000;
  private static final int TOLD = 15;

  private static final String VIOLATION = "VIOLATION: ";

  /** Marks an event of no batch in particular. */
  private static final long NONE = 0;

  private record Event(Instant at, long batch, String what) {
    @Override
    public String toString() {
      return at + " " + (batch == NONE ? "" : "batch " + batch + ": ") + what;
    }
  }

  private final PrintWriter file;
  private final Deque<Event> events = new ArrayDeque<>();
  private final List<String> violations = new ArrayList<>();

  Journal(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      this.file = new PrintWriter(Files.newBufferedWriter(file), true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void note(String what) {
    note(NONE, what);
  }

  synchronized void note(long batch, String what) {
    var event = new Event(Instant.now(), batch, what);
    events.addLast(event);
    if (events.size() > REMEMBERED) {
      events.removeFirst();
    }
    file.println(event);
  }

  void violation(String what) {
    violation(NONE, what);
  }

  /**
   * Records a violation, with the previous events of the batch and of the whole run, the newest
   * last.
   */
  synchronized void violation(long batch, String what) {
    note(batch, VIOLATION + what);
    List<Event> context = new ArrayList<>();
    for (var each = events.descendingIterator(); each.hasNext() && context.size() < TOLD; ) {
      Event event = each.next();
      boolean relevant = event.batch == batch || event.batch == NONE;
      if (relevant && (context.isEmpty() || !event.what.startsWith(VIOLATION))) {
        context.add(0, event);
      }
    }
    String message =
        context.stream().map(Event::toString).collect(Collectors.joining("\n    ", "", ""));
    violations.add(message);
    System.out.println(message);
  }

  synchronized List<String> violations() {
    return List.copyOf(violations);
  }

  @Override
  public void close() {
    file.close();
  }
}
