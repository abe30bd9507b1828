package dev.rowmill.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.progress.TimelineView.Step;
import dev.rowmill.progress.TimelineView.Wait;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimelineTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private static Instant at(long millis) {
    return START.plusMillis(millis);
  }

  @Test
  void a_step_tells_what_was_done_in_it() {
    var timeline = new Timeline(START, 500);
    timeline.chunkDone(at(10), 100, Duration.ofMillis(8));
    timeline.chunkDone(at(200), 300, Duration.ofMillis(12));
    timeline.retried(at(760));
    timeline.goesOnUntil(at(1010));
    TimelineView view = timeline.view();
    assertEquals(250, view.stepMillis());
    assertEquals(5, view.items().size());
    assertEquals(new Step(at(0), 900, 1600, 200L, 10.0, 2, 0, List.of()), view.items().get(0));
    assertEquals(new Step(at(250), 900, 0, null, null, 0, 0, List.of()), view.items().get(1));
    assertEquals(1, view.items().get(3).retries());
    assertNull(view.items().get(4).chunkMillis());
  }

  @Test
  void a_wait_is_shared_among_the_steps_that_it_spans() {
    var timeline = new Timeline(START, 0);
    timeline.waited(at(600), "replica-lag", Duration.ofMillis(450));
    timeline.waited(at(620), "nice", Duration.ofMillis(20));
    List<Step> steps = timeline.view().items();
    assertEquals(List.of(new Wait("replica-lag", 100)), steps.get(0).waits());
    assertEquals(List.of(new Wait("replica-lag", 250)), steps.get(1).waits());
    assertEquals(List.of(new Wait("nice", 20), new Wait("replica-lag", 100)), steps.get(2).waits());
  }

  @Test
  void waits_of_many_lanes_may_be_longer_than_the_time_there_was() {
    var timeline = new Timeline(START, 0);
    timeline.waited(at(100), "nice", Duration.ofMillis(400));
    assertEquals(List.of(new Wait("nice", 400)), timeline.view().items().get(0).waits());
  }

  @Test
  void steps_grow_so_that_there_are_never_many_and_nothing_is_lost() {
    var timeline = new Timeline(START, 0);
    int seconds = 3600;
    for (int second = 0; second < seconds; second++) {
      timeline.chunkDone(at(second * 1000L), 10, Duration.ofMillis(5));
      timeline.waited(at(second * 1000L + 500), "nice", Duration.ofMillis(100));
      assertTrue(timeline.view().items().size() <= Timeline.MOST);
    }
    TimelineView view = timeline.view();
    assertEquals(16_000, view.stepMillis());
    assertEquals(seconds * 10L, view.items().get(view.items().size() - 1).rowsScanned());
    assertEquals(seconds, view.items().stream().mapToLong(Step::chunks).sum());
    assertEquals(
        seconds * 100L,
        view.items().stream().mapToLong(step -> step.waits().get(0).millis()).sum());
    assertEquals(10, view.items().get(7).rowsPerSecond());
    assertEquals(at(16_000), view.items().get(1).at());
  }

  @Test
  void a_clock_that_goes_back_does_no_harm() {
    var timeline = new Timeline(START, 0);
    timeline.chunkDone(at(-5000), 10, Duration.ofMillis(5));
    timeline.waited(at(-5000), "nice", Duration.ofMillis(5));
    assertEquals(10, timeline.view().items().get(0).rowsScanned());
  }
}
