package dev.rowmill.monitoring;

import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;
import org.jspecify.annotations.Nullable;

/**
 * Leaves tracing off where no endpoint is set to send traces to, unless somebody says otherwise by
 * {@code quarkus.otel.sdk.disabled}. Safe for many threads.
 */
public final class TracingSwitch implements ConfigSourceInterceptor {

  private static final long serialVersionUID = 1;

  private static final String DISABLED = "quarkus.otel.sdk.disabled";
  private static final String ENDPOINT = "quarkus.otel.exporter.otlp.traces.endpoint";

  /** For the configuration, which makes it by itself. */
  public TracingSwitch() {}

  @Override
  public @Nullable ConfigValue getValue(ConfigSourceInterceptorContext context, String name) {
    ConfigValue said = context.proceed(name);
    if (!name.equals(DISABLED) || isSet(said)) {
      return said;
    }
    return ConfigValue.builder()
        .withName(DISABLED)
        .withValue(Boolean.toString(!isSet(context.restart(ENDPOINT))))
        .build();
  }

  /** What has the lowest ordinal is a default. */
  private static boolean isSet(@Nullable ConfigValue value) {
    return value != null
        && value.getConfigSourceOrdinal() > Integer.MIN_VALUE
        && value.getValue() != null
        && !value.getValue().isBlank();
  }
}
