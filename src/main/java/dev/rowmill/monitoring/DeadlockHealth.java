package dev.rowmill.monitoring;

import jakarta.enterprise.context.ApplicationScoped;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/**
 * Checks for a deadlock of threads in this process. Repeats the check every five seconds at most,
 * as it pauses all threads. Safe for many threads.
 */
@Liveness
@ApplicationScoped
class DeadlockHealth implements HealthCheck {

  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(5);

  private boolean deadlocked;
  private long checkedNanos = System.nanoTime() - FRESH_NANOS;

  @Override
  public synchronized HealthCheckResponse call() {
    if (System.nanoTime() - checkedNanos >= FRESH_NANOS) {
      checkedNanos = System.nanoTime();
      deadlocked = ManagementFactory.getThreadMXBean().findDeadlockedThreads() != null;
    }
    return HealthCheckResponse.named("threads").status(!deadlocked).build();
  }
}
