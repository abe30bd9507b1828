package dev.rowmill.progress.event;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Who listens now. Safe for many threads. */
@ApplicationScoped
class Listeners {

  private static final RenderedEvent ALIVE = new RenderedEvent(new BatchEvent.Alive());

  private final List<EventStream> streams = new CopyOnWriteArrayList<>();

  Listeners(MeterRegistry metrics) {
    Gauge.builder("rowmill.events.listeners", streams, Collection::size)
        .description("Listeners to events")
        .register(metrics);
  }

  void add(EventStream stream) {
    streams.add(stream);
  }

  void remove(EventStream stream) {
    streams.remove(stream);
  }

  boolean isEmpty() {
    return streams.isEmpty();
  }

  boolean anyHears(long batch, String project) {
    return streams.stream().anyMatch(stream -> stream.hears(batch, project));
  }

  /**
   * Offers something to all that hear of a batch.
   *
   * @return how many these are
   */
  int offer(long batch, String project, Consumer<EventStream> offer) {
    int heard = 0;
    for (EventStream stream : streams) {
      if (stream.hears(batch, project)) {
        offer.accept(stream);
        heard++;
      }
    }
    return heard;
  }

  /** Gives all a sign of life. */
  void keepAlive() {
    streams.forEach(stream -> stream.offerSignOfLife(ALIVE));
  }

  /** Lets go of those who have left without a word, or may listen no longer. */
  void letLeaversGo() {
    for (EventStream stream : streams) {
      if (stream.isGone()) {
        stream.end();
        streams.remove(stream);
      }
    }
  }

  void end() {
    streams.forEach(EventStream::end);
    streams.clear();
  }
}
