package dev.rowmill.monitoring;

import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;
import org.jspecify.annotations.Nullable;

/**
 * Turns tracing off without a configured endpoint for traces, unless {@code
 * quarkus.otel.sdk.disabled} is set. Safe for many threads.
 */
public final class TracingSwitch implements ConfigSourceInterceptor {

  private static final long serialVersionUID = 1;

  private static final String DISABLED = "quarkus.otel.sdk.disabled";
  private static final String ENDPOINT = "quarkus.otel.exporter.otlp.traces.endpoint";

  /** Lets the configuration create it. */
  public TracingSwitch() {}

  @Override
  public @Nullable ConfigValue getValue(ConfigSourceInterceptorContext context, String name) {
    ConfigValue configured = context.proceed(name);
    if (!name.equals(DISABLED) || isSet(configured)) {
      return configured;
    }
    return ConfigValue.builder()
        .withName(DISABLED)
        .withValue(Boolean.toString(!isSet(context.restart(ENDPOINT))))
        .build();
  }

  /** Checks whether a value is set; the lowest ordinal marks a default. */
  private static boolean isSet(@Nullable ConfigValue value) {
    return value != null
        && value.getConfigSourceOrdinal() > Integer.MIN_VALUE
        && value.getValue() != null
        && !value.getValue().isBlank();
  }
}
