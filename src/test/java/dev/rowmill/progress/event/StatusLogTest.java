package dev.rowmill.progress.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.StatusChange;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusLogTest {

  private final StatusLog log = new StatusLog();

  private boolean add(long order, long batch) {
    return log.add(new StatusChange(order, batch, "p", Mode.PARALLEL, 0, BatchStatus.QUEUED))
        .isPresent();
  }

  private Optional<List<Long>> after(long number) {
    return log.after(number)
        .map(entries -> entries.stream().map(entry -> entry.change().batch()).toList());
  }

  @Test
  void reconnecting_listeners_get_missed_events() {
    assertEquals(Optional.of(List.of()), after(0));
    assertTrue(add(1, 71));
    assertTrue(add(2, 72));
    assertTrue(add(3, 71));
    assertEquals(3, log.number());
    assertEquals(Optional.of(List.of(71L, 72L, 71L)), after(0));
    assertEquals(Optional.of(List.of(71L)), after(2));
    assertEquals(Optional.of(List.of()), after(3));
    assertEquals(Optional.empty(), after(4));
  }

  @Test
  void an_outdated_change_is_skipped() {
    assertTrue(add(5, 71));
    assertEquals(false, add(4, 71));
    assertEquals(false, add(5, 71));
    assertTrue(add(3, 72));
    assertEquals(Optional.of(List.of(71L, 72L)), after(0));
  }

  @Test
  void the_oldest_statuses_are_dropped() {
    for (int i = 1; i <= StatusLog.MAX + 5; i++) {
      assertTrue(add(i, i));
    }
    assertEquals(Optional.empty(), after(4));
    assertEquals(StatusLog.MAX, after(5).orElseThrow().size());
    // The newer status is dropped as well, so this one no longer counts as outdated.
    assertTrue(add(1, 1));
  }
}
