package dev.rowmill.rest.batch;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.ChainStep;
import dev.rowmill.batch.ChainView;
import dev.rowmill.batch.store.ChainStore;
import dev.rowmill.rest.batch.ChainPage.ChainBody;
import dev.rowmill.rest.http.Language;
import dev.rowmill.security.Callers;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Finds chains that the caller may see, and shows them. Safe for many threads. */
@ApplicationScoped
class ChainBodies {

  static final String PATH = "/api/v1/chains";

  private final ChainStore store;
  private final BatchBodies bodies;
  private final Callers callers;

  ChainBodies(ChainStore store, BatchBodies bodies, Callers callers) {
    this.store = store;
    this.bodies = bodies;
    this.callers = callers;
  }

  /**
   * Returns a chain of whose steps the caller sees all projects.
   *
   * @throws NotFoundException when there is none with that id
   */
  ChainView seen(long id) {
    return store.find(id).filter(this::sees).orElseThrow(NotFoundException::new);
  }

  /** Returns whether the caller sees the projects of all steps. */
  boolean sees(ChainView chain) {
    return chain.steps().stream().allMatch(step -> callers.current().sees(step.project()));
  }

  /**
   * Returns the response to a request that has stored a chain.
   *
   * @throws NotFoundException when the caller does not see it
   */
  Response accepted(ChainView stored, Language language) {
    if (!sees(stored)) {
      throw new NotFoundException();
    }
    return Response.accepted(body(stored, language))
        .header(HttpHeaders.LOCATION, PATH + "/" + stored.id())
        .build();
  }

  /** Returns a chain as callers see it. */
  ChainBody body(ChainView chain, Language language) {
    Map<Long, String> names = new HashMap<>();
    chain.steps().forEach(step -> names.put(step.id(), name(step)));
    return new ChainBody(
        chain.id(),
        chain.name(),
        chain.status().text(),
        chain.paused(),
        chain.submittedBy(),
        chain.undoOf(),
        chain.createdAt(),
        chain.steps().stream().map(step -> step(step, names, language)).toList());
  }

  private static String name(BatchView step) {
    ChainStep of = Objects.requireNonNull(step.step());
    return of.name();
  }

  private ChainPage.StepBody step(BatchView step, Map<Long, String> names, Language language) {
    return new ChainPage.StepBody(
        name(step),
        step.dependencies().conditions().stream()
            .map(condition -> names.getOrDefault(condition.batch(), ""))
            .toList(),
        step.id(),
        step.project(),
        step.status().text(),
        step.awaitsApproval(),
        bodies.progress(step),
        step.startedAt(),
        step.finishedAt(),
        bodies.error(step, language));
  }
}
