package dev.rowmill.batch;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import org.jspecify.annotations.Nullable;

/** Converts spans from and to text in the form of W3C's traceparent, so they can be stored. */
public final class TraceParent {

  private TraceParent() {}

  /** Returns the span of the calling thread; null without tracing. */
  public static @Nullable String current() {
    SpanContext span = Span.current().getSpanContext();
    return span.isValid()
        ? "00-" + span.getTraceId() + "-" + span.getSpanId() + "-" + span.getTraceFlags().asHex()
        : null;
  }

  /** Returns the span of a text from this class; an invalid span for any other text. */
  public static SpanContext parse(String text) {
    String[] parts = text.split("-", -1);
    return parts.length == 4
        ? SpanContext.createFromRemoteParent(
            parts[1], parts[2], TraceFlags.fromHex(parts[3], 0), TraceState.getDefault())
        : SpanContext.getInvalid();
  }
}
