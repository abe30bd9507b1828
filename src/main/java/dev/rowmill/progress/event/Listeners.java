package dev.rowmill.progress.event;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Holds the streams of the present listeners. Safe for many threads. */
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

  boolean hasListener(long batch, String project) {
    return streams.stream().anyMatch(stream -> stream.hears(batch, project));
  }

  /**
   * Offers an event to all listeners of a batch.
   *
   * @return number of these listeners
   */
  int offer(long batch, String project, Consumer<EventStream> offer) {
    int deliveries = 0;
    for (EventStream stream : streams) {
      if (stream.hears(batch, project)) {
        offer.accept(stream);
        deliveries++;
      }
    }
    return deliveries;
  }

  /** Sends a keep-alive to all listeners. */
  void keepAlive() {
    streams.forEach(stream -> stream.offerSignOfLife(ALIVE));
  }

  /** Ends the streams whose listener has disconnected unnoticed, or has lost its permission. */
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
