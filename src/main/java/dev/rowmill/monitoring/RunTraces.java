package dev.rowmill.monitoring;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.TraceParent;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.engine.ChunkDone;
import dev.rowmill.engine.EngineListener;
import dev.rowmill.engine.LogContext;
import dev.rowmill.engine.RunOutcome;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Traces each run of a batch, with a link to the request that started the batch. Chunks are spans:
 * the first hundred, later ones of at least a second, and chunks that were rolled back, up to a
 * thousand of a run. Attributes contain neither SQL nor values of rows. Does nothing while tracing
 * is off. Safe for many threads.
 */
@ApplicationScoped
class RunTraces implements EngineListener {

  static final AttributeKey<Long> BATCH = AttributeKey.longKey("rowmill.batch");
  static final AttributeKey<String> PROJECT = AttributeKey.stringKey("rowmill.project");
  static final AttributeKey<String> KIND = AttributeKey.stringKey("rowmill.kind");
  static final AttributeKey<Long> RUN = AttributeKey.longKey("rowmill.run");
  static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("rowmill.outcome");
  static final AttributeKey<Long> LANE = AttributeKey.longKey("rowmill.lane");
  static final AttributeKey<Long> SCANNED = AttributeKey.longKey("rowmill.rows.scanned");
  static final AttributeKey<Long> CHANGED = AttributeKey.longKey("rowmill.rows.changed");
  static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

  private static final int ALWAYS = 100;
  private static final int MAX = 1_000;
  private static final Duration SLOW = Duration.ofSeconds(1);

  /** Holds the span of a present run, and counts its chunk spans. */
  private record Traced(Span span, Context context, AtomicInteger chunks) {
    boolean shows(boolean noteworthy) {
      int before = chunks.get();
      return before < (noteworthy ? MAX : ALWAYS) && chunks.incrementAndGet() <= MAX;
    }
  }

  private final Map<Long, Traced> running = new ConcurrentHashMap<>();
  private final boolean on;
  private final Tracer tracer;
  private final Clock clock;

  RunTraces(
      @ConfigProperty(name = "quarkus.otel.sdk.disabled") boolean off, Tracer tracer, Clock clock) {
    this.on = !off;
    this.tracer = tracer;
    this.clock = clock;
  }

  @Override
  public void begins(BatchView batch) {
    if (!on) {
      return;
    }
    SpanBuilder builder =
        tracer
            .spanBuilder("batch run")
            .setNoParent()
            .setStartTimestamp(clock.instant())
            .setAttribute(BATCH, batch.id())
            .setAttribute(PROJECT, batch.project())
            .setAttribute(KIND, batch.spec().work().kind().name().toLowerCase(Locale.ROOT))
            .setAttribute(RUN, (long) batch.epoch());
    if (batch.traceParent() != null) {
      builder.addLink(TraceParent.parse(batch.traceParent()));
    }
    Span span = builder.startSpan();
    running.put(batch.id(), new Traced(span, Context.root().with(span), new AtomicInteger()));
    LogContext.trace(span.getSpanContext().getTraceId(), span.getSpanContext().getSpanId());
  }

  @Override
  public void chunkDone(BatchView batch, Progress progress, ChunkDone chunk) {
    Traced run = running.get(batch.id());
    if (run != null && run.shows(chunk.took().compareTo(SLOW) >= 0)) {
      Instant end = clock.instant();
      chunk(run, batch, chunk.lane(), end.minus(chunk.took()))
          .setAttribute(SCANNED, chunk.rowsScanned())
          .setAttribute(CHANGED, chunk.rowsChanged())
          .startSpan()
          .end(end);
    }
  }

  @Override
  public void retried(BatchView batch, int lane, DatabaseFailure failure, Duration took) {
    Traced run = running.get(batch.id());
    if (run != null && run.shows(true)) {
      Instant end = clock.instant();
      chunk(run, batch, lane, end.minus(took))
          .setAttribute(ERROR, failure.name().toLowerCase(Locale.ROOT))
          .startSpan()
          .setStatus(StatusCode.ERROR)
          .end(end);
    }
  }

  private SpanBuilder chunk(Traced run, BatchView batch, int lane, Instant start) {
    return tracer
        .spanBuilder("chunk")
        .setParent(run.context())
        .setStartTimestamp(start)
        .setAttribute(BATCH, batch.id())
        .setAttribute(PROJECT, batch.project())
        .setAttribute(LANE, (long) lane);
  }

  @Override
  public void ends(BatchView batch, @Nullable RunOutcome outcome) {
    Traced run = running.remove(batch.id());
    if (run == null) {
      return;
    }
    Span span = run.span();
    span.setAttribute(OUTCOME, name(outcome));
    if (outcome == null) {
      span.setStatus(StatusCode.ERROR);
    } else if (outcome instanceof RunOutcome.Failed failed) {
      span.setStatus(StatusCode.ERROR).setAttribute(ERROR, failed.failure().type());
    }
    span.end(clock.instant());
  }

  private static String name(@Nullable RunOutcome outcome) {
    if (outcome instanceof RunOutcome.Succeeded) {
      return "succeeded";
    } else if (outcome instanceof RunOutcome.Stopped) {
      return "stopped";
    } else if (outcome instanceof RunOutcome.CheckFailed) {
      return "check-failed";
    } else if (outcome instanceof RunOutcome.Overtaken) {
      return "overtaken";
    }
    return "failed";
  }
}
