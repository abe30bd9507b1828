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

  <T> T call(Callable<T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return QuarkusTransaction.requiringNew().call(work);
      } catch (RuntimeException e) {
        boolean again =
            DatabaseFailure.of(e)
                .filter(f -> f == DatabaseFailure.LOST_CONNECTION || f == DatabaseFailure.DEADLOCK)
                .isPresent();
        if (!again || attempt == ATTEMPTS) {
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
