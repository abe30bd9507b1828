package dev.rowmill.rest;

import dev.rowmill.dispatch.PlannedStart;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.security.Callers;
import jakarta.enterprise.context.ApplicationScoped;

/** Says on what terms a request of a caller is carried out. Safe for many threads. */
@ApplicationScoped
class StartTerms {

  private final Callers callers;

  StartTerms(Callers callers) {
    this.callers = callers;
  }

  /** A plan's start as one of the caller in hand; to be asked as for any other. */
  PlannedStart ofCaller(PlannedStart start) {
    return new PlannedStart(
        start.project(),
        start.plan(),
        planBody -> ofCaller(start.whole().of(planBody)),
        start.idempotencyKey(),
        start.requestHash());
  }

  /** The request as one of the caller in hand; to be asked on the request's own thread. */
  StartRequest ofCaller(StartRequest request) {
    return request.on(request.terms().by(callers.current().name()));
  }
}
