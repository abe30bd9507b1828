package dev.rowmill;

import dev.rowmill.cluster.DatabaseClock;
import dev.rowmill.dispatch.DispatchConfig;
import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.ZoneOffset;

/** Where the time comes from; everything else is given a {@link Clock}. */
class Clocks {

  @Produces
  @Singleton
  Clock clock(DispatchConfig config, AgroalDataSource control) {
    // As fine as times are stored. Of several machines none is right by itself.
    return config.cluster().enabled()
        ? new DatabaseClock(control)
        : Clock.tickMillis(ZoneOffset.UTC);
  }
}
