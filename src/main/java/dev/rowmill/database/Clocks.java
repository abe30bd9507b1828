package dev.rowmill.database;

import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.ZoneOffset;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Provides the {@link Clock} that everything else takes the time from. */
public class Clocks {

  @Produces
  @Singleton
  Clock clock(
      @ConfigProperty(name = "rowmill.cluster.enabled") boolean clustered,
      AgroalDataSource control) {
    // Ticks as fine as times are stored. The nodes of a cluster share the clock of the database.
    return clustered ? new DatabaseClock(control) : Clock.tickMillis(ZoneOffset.UTC);
  }
}
