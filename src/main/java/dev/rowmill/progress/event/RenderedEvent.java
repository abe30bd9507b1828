package dev.rowmill.progress.event;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Holds an event and its text, which is rendered once for all listeners. Safe for many threads. */
public final class RenderedEvent {

  private final BatchEvent event;
  private final Map<String, String> texts = new ConcurrentHashMap<>(2);

  RenderedEvent(BatchEvent event) {
    this.event = event;
  }

  public BatchEvent event() {
    return event;
  }

  /**
   * Returns the text of the event.
   *
   * @param writer renders the text on the first call for a language
   */
  public String text(String language, Function<BatchEvent, String> writer) {
    return texts.computeIfAbsent(language, absent -> writer.apply(event));
  }
}
