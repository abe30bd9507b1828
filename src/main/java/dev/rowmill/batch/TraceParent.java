package dev.rowmill.batch;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import org.jspecify.annotations.Nullable;

/** A span as text, in the form of W3C's traceparent, so that it can be stored. */
public final class TraceParent {

  private TraceParent() {}

  /** The span that the calling thread is in; null where nothing is traced. */
  public static @Nullable String current() {
    SpanContext span = Span.current().getSpanContext();
    return span.isValid()
        ? "00-" + span.getTraceId() + "-" + span.getSpanId() + "-" + span.getTraceFlags().asHex()
        : null;
  }

  /** The span that a text made here names; one that is not valid for any other text. */
  public static SpanContext parse(String text) {
    String[] parts = text.split("-", -1);
    return parts.length == 4
        ? SpanContext.createFromRemoteParent(
            parts[1], parts[2], TraceFlags.fromHex(parts[3], 0), TraceState.getDefault())
        : SpanContext.getInvalid();
  }
}
