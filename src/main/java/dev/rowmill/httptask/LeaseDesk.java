package dev.rowmill.httptask;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.CompletableFuture;

/** Offers chunks to workers, which lease them. Thread-safe. */
@ApplicationScoped
class LeaseDesk implements CallChannel {
  @Override
  public CompletableFuture<CallOutcome> send(Request request) {
    return CompletableFuture.completedFuture(new CallOutcome.Failed("no worker"));
  }
}
