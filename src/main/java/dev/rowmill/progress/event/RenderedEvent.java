package dev.rowmill.progress.event;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * An event on its way to those who listen. Its text is written once for all of them. Safe for many
 * threads.
 */
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
   * The event's text.
   *
   * @param writer writes it, the first time that it is asked for in this language
   */
  public String text(String language, Function<BatchEvent, String> writer) {
    return texts.computeIfAbsent(language, absent -> writer.apply(event));
  }
}
