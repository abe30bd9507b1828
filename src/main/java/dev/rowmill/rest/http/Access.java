package dev.rowmill.rest.http;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.security.Callers;
import dev.rowmill.security.Role;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.NotFoundException;
import java.util.Map;

/**
 * What the caller of the request in hand sees and may do, where that depends on more than the path.
 * What is not seen is not found. Safe for many threads, each with a request.
 */
@ApplicationScoped
public class Access {

  private final Callers callers;
  private final BatchHistory history;

  Access(Callers callers, BatchHistory history) {
    this.callers = callers;
    this.history = history;
  }

  /** The projects that the caller sees, for lists. */
  public ProjectPatterns seen() {
    return callers.current().projects();
  }

  /**
   * A batch that the caller sees.
   *
   * @throws NotFoundException when there is none
   */
  public BatchView batch(long id) {
    return history
        .find(id)
        .filter(batch -> callers.current().sees(batch.project()))
        .orElseThrow(NotFoundException::new);
  }

  /**
   * Asks the database only for callers who don't see all projects; the others' batch may be none.
   *
   * @throws NotFoundException when the caller sees no such batch
   */
  public void checkBatch(long id) {
    if (!callers.current().projects().isAll()) {
      batch(id);
    }
  }

  /**
   * The name of a project that the caller sees, whether it has had a batch or not.
   *
   * @throws InvalidRequestException when no project can have this name
   * @throws NotFoundException when the caller does not see it
   */
  public String project(String name) {
    String project = ListQuery.project(name);
    if (!callers.current().sees(project)) {
      throw new NotFoundException();
    }
    return project;
  }

  /**
   * SQL of the caller's own, be it the statement or its check, is for authors.
   *
   * @return the request
   * @throws Refusal when the caller may not start it
   */
  public StartRequest start(StartRequest request) {
    if (request.sql() != null || request.check() != null) {
      need(Role.AUTHOR);
    }
    return request;
  }

  /**
   * @throws Refusal when the caller's role is a lower one
   */
  void need(Role role) {
    if (!callers.current().is(role)) {
      throw new Refusal(ProblemType.FORBIDDEN.code(), Map.of("role", role.code()));
    }
  }
}
