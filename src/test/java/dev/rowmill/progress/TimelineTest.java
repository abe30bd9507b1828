package dev.rowmill.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.progress.TimelineView.LaneChange;
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
  void a_step_reports_the_work_done_in_it() {
    var timeline = new Timeline(START, 500, 1);
    timeline.chunkDone(at(10), 100, Duration.ofMillis(8));
    timeline.chunkDone(at(200), 300, Duration.ofMillis(12));
    timeline.retried(at(760));
    timeline.extendTo(at(1010));
    TimelineView view = timeline.view();
    assertEquals(250, view.stepMillis());
    assertEquals(5, view.items().size());
    assertEquals(
        new Step(at(0), 900, 1600, 200L, 10.0, 2, 0, 1, List.of(), List.of()), view.items().get(0));
    assertEquals(
        new Step(at(250), 900, 0, null, null, 0, 0, 1, List.of(), List.of()), view.items().get(1));
    assertEquals(1, view.items().get(3).retries());
    assertNull(view.items().get(4).chunkMillis());
  }

  @Test
  void a_wait_is_shared_among_the_steps_that_it_spans() {
    var timeline = new Timeline(START, 0, 1);
    timeline.waited(at(600), "replica-lag", Duration.ofMillis(450));
    timeline.waited(at(620), "nice", Duration.ofMillis(20));
    List<Step> steps = timeline.view().items();
    assertEquals(List.of(new Wait("replica-lag", 100)), steps.get(0).waits());
    assertEquals(List.of(new Wait("replica-lag", 250)), steps.get(1).waits());
    assertEquals(List.of(new Wait("nice", 20), new Wait("replica-lag", 100)), steps.get(2).waits());
  }

  @Test
  void waits_of_many_lanes_may_exceed_the_elapsed_time() {
    var timeline = new Timeline(START, 0, 1);
    timeline.waited(at(100), "nice", Duration.ofMillis(400));
    assertEquals(List.of(new Wait("nice", 400)), timeline.view().items().get(0).waits());
  }

  @Test
  void steps_grow_to_limit_their_number_without_loss() {
    var timeline = new Timeline(START, 0, 1);
    int seconds = 3600;
    for (int second = 0; second < seconds; second++) {
      timeline.chunkDone(at(second * 1000L), 10, Duration.ofMillis(5));
      timeline.waited(at(second * 1000L + 500), "nice", Duration.ofMillis(100));
      assertTrue(timeline.view().items().size() <= Timeline.MAX);
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
  void a_clock_set_back_does_no_harm() {
    var timeline = new Timeline(START, 0, 1);
    timeline.chunkDone(at(-5000), 10, Duration.ofMillis(5));
    timeline.waited(at(-5000), "nice", Duration.ofMillis(5));
    assertEquals(10, timeline.view().items().get(0).rowsScanned());
  }

  private static Timeline copy(Timeline timeline) throws Exception {
    var json = new ObjectMapper();
    return new Timeline(
        json.readValue(json.writeValueAsString(timeline.stored()), StoredTimeline.class));
  }

  @Test
  void the_stored_form_is_complete_and_short() throws Exception {
    var timeline = new Timeline(START, 500, 1);
    timeline.chunkDone(at(10), 100, Duration.ofNanos(8_000_001));
    timeline.waited(at(600), "replica-lag", Duration.ofMillis(450));
    timeline.lanesChanged(at(700), 2, "trial");
    timeline.retried(at(1760));
    assertEquals(timeline.view(), copy(timeline).view());
    assertEquals(
        "{\"start\":1767225600000,\"before\":500,\"stepMillis\":250,\"steps\":[{\"r\":100,\"c\":1,"
            + "\"t\":8000001,\"l\":1,\"w\":{\"replica-lag\":100000000}},"
            + "{\"l\":1,\"w\":{\"replica-lag\":250000000}},"
            + "{\"l\":2,\"x\":{\"trial\":1},\"w\":{\"replica-lag\":100000000}},"
            + "{\"l\":2},{\"l\":2},{\"l\":2},{\"l\":2},{\"e\":1,\"l\":2}]}",
        new ObjectMapper().writeValueAsString(timeline.stored()));
  }

  @Test
  void each_step_has_its_last_number_of_lanes_and_why_it_changed() {
    var timeline = new Timeline(START, 0, 1);
    timeline.extendTo(at(300));
    timeline.lanesChanged(at(400), 2, "trial");
    timeline.lanesChanged(at(450), 1, "no-gain");
    timeline.lanesChanged(at(600), 2, "trial");
    timeline.extendTo(at(800));
    List<Step> steps = timeline.view().items();
    assertEquals(List.of(1, 1, 2, 2), steps.stream().map(Step::lanes).toList());
    assertEquals(
        List.of(
            List.of(),
            List.of(new LaneChange("no-gain", 1), new LaneChange("trial", 1)),
            List.of(new LaneChange("trial", 1)),
            List.of()),
        steps.stream().map(Step::laneChanges).toList());
    timeline.extendTo(at(120_000));
    assertEquals(
        List.of(new LaneChange("no-gain", 1), new LaneChange("trial", 2)),
        timeline.view().items().get(0).laneChanges());
    assertEquals(2, timeline.view().items().get(0).lanes());
  }

  @Test
  void a_batch_that_resumes_elsewhere_retains_its_timeline() throws Exception {
    var first = new Timeline(START, 0, 1);
    first.chunkDone(at(10), 100, Duration.ofMillis(8));
    // The times of the chunks in between are unknown.
    var second = new Timeline(at(1100), 150, 1);
    second.chunkDone(at(1200), 50, Duration.ofMillis(4));
    second.chunkDone(at(1500), 20, Duration.ofMillis(2));
    Timeline whole = copy(first);
    whole.append(second);
    List<Step> steps = whole.view().items();
    assertEquals(6, steps.size());
    assertEquals(100, steps.get(3).rowsScanned());
    assertEquals(
        new Step(at(1000), 200, 200, 50L, 4.0, 1, 0, 1, List.of(), List.of()), steps.get(4));
    assertEquals(
        new Step(at(1250), 220, 80, 20L, 2.0, 1, 0, 1, List.of(), List.of()), steps.get(5));
    assertEquals(whole.view(), copy(whole).view());
  }

  @Test
  void a_batch_that_resumes_after_a_long_pause_has_no_more_steps_than_others() {
    var first = new Timeline(START, 0, 1);
    first.chunkDone(at(10), 100, Duration.ofMillis(8));
    var second = new Timeline(START.plus(Duration.ofDays(1)), 100, 1);
    second.chunkDone(START.plus(Duration.ofHours(25)), 10, Duration.ofMillis(8));
    first.append(second);
    TimelineView view = first.view();
    assertTrue(view.items().size() <= Timeline.MAX);
    assertEquals(110, view.items().get(view.items().size() - 1).rowsScanned());
    // Its steps are not shorter than those of the later run.
    var third = new Timeline(START, 0, 1);
    third.append(first);
    assertEquals(view.stepMillis(), third.view().stepMillis());
    assertEquals(
        List.of(100L, 110L),
        third.view().items().stream()
            .filter(step -> step.chunks() > 0)
            .map(Step::rowsScanned)
            .toList());
  }

  @Test
  void a_batch_that_resumes_with_a_slow_clock_loses_nothing() {
    var first = new Timeline(START, 0, 1);
    first.chunkDone(at(10), 100, Duration.ofMillis(8));
    var second = new Timeline(at(-9000), 100, 1);
    second.chunkDone(at(-8000), 10, Duration.ofMillis(8));
    first.append(second);
    assertEquals(110, first.view().items().get(0).rowsScanned());
  }
}
