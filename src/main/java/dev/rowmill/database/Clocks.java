package dev.rowmill.database;

import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.ZoneOffset;

/** Provides the {@link Clock} that everything else takes the time from. */
public class Clocks {

  @Produces
  @Singleton
  Clock clock(ClusterConfig cluster, AgroalDataSource control) {
    // Ticks as fine as times are stored. The nodes of a cluster share the clock of the database.
    return cluster.enabled() ? new DatabaseClock(control) : Clock.tickMillis(ZoneOffset.UTC);
  }
}
