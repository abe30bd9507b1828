package dev.rowmill.batch;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Short transactions on the control pool, tried again when the connection turned out dead or a
 * deadlock struck. The work must bear that: a commit whose answer was lost may have happened. Where
 * nothing takes connections the caller is told at once: the pool takes a second or more to find
 * that out, and a caller can decide better how long to wait.
 */
@ApplicationScoped
class ControlTransactions {

  private static final int ATTEMPTS = 5;
  private static final long FIRST_PAUSE_MILLIS = 10;

  /**
   * No try begins later than this. One that finds no server takes a second by itself, as the pool
   * tries twice; callers of a database that is away are to be told so soon.
   */
  private static final long LAST_TRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  <T> T call(Callable<T> work) {
    long started = System.nanoTime();
    for (int attempt = 1; ; attempt++) {
      try {
        return QuarkusTransaction.requiringNew().call(work);
      } catch (RuntimeException e) {
        boolean again =
            DatabaseFailure.of(e)
                .filter(f -> f == DatabaseFailure.LOST_CONNECTION || f == DatabaseFailure.DEADLOCK)
                .isPresent();
        if (!again || attempt == ATTEMPTS || System.nanoTime() - started > LAST_TRY_NANOS) {
          throw e;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(FIRST_PAUSE_MILLIS << attempt));
      }
    }
  }

  void run(Runnable work) {
    call(
        () -> {
          work.run();
          return true;
        });
  }
}
