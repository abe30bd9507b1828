package dev.rowmill.rest.http;

import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.Condition;
import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.dispatch.task.TaskRegistry;
import dev.rowmill.security.Callers;
import dev.rowmill.security.Role;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.NotFoundException;
import java.util.List;
import java.util.Map;

/**
 * Checks what the caller of the current request sees and may do, where that depends on more than
 * the path. What the caller does not see is reported as not found. Safe for many threads, each with
 * a request of its own.
 */
@ApplicationScoped
public class Access {

  private final Callers callers;
  private final BatchHistory history;
  private final TaskRegistry tasks;

  Access(Callers callers, BatchHistory history, TaskRegistry tasks) {
    this.callers = callers;
    this.history = history;
    this.tasks = tasks;
  }

  /** Returns the projects that the caller sees, for lists. */
  public ProjectPatterns seen() {
    return callers.current().projects();
  }

  /**
   * Returns a batch that the caller sees.
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
   * Checks that the caller sees a batch. Queries the database only for callers who do not see all
   * projects; for others the batch need not exist.
   *
   * @throws NotFoundException when the caller does not see the batch
   */
  public void checkBatch(long id) {
    if (!callers.current().projects().isAll()) {
      batch(id);
    }
  }

  /**
   * Returns the name of a project that the caller sees, whether it has had a batch or not.
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

  /** Returns whether the caller has written what chooses or changes the rows. */
  private boolean isOwnWork(BatchSpec spec) {
    BatchWork work = spec.work();
    return work.sql() != null
        ? spec.submission().statement() == null
        : work.task() != null && tasks.choosesRows(work.task());
  }

  /**
   * Checks that the caller may start a request. A statement or check written by the caller, and a
   * file, require the role author.
   *
   * @return the request
   * @throws Refusal when the caller may not start it, or does not see a batch that it waits for
   */
  public StartRequest start(StartRequest request) {
    BatchSpec spec = request.spec();
    if (isOwnWork(spec) || spec.safeguards().check() != null) {
      need(Role.AUTHOR);
    }
    checkPredecessors(request);
    return request;
  }

  /**
   * Checks that the caller may plan a request through the server for assistants, where an agent may
   * plan a statement of its own.
   *
   * @return the request
   * @throws Refusal when the caller may not plan it, or does not see a batch that it waits for
   */
  public StartRequest plannedByAgent(StartRequest request) {
    if (callers.current().role() != Role.AGENT) {
      return start(request);
    }
    checkPredecessors(request);
    return request;
  }

  /**
   * Checks that the caller sees the batches for which a request waits. Queries the database only
   * for callers who do not see all projects; the start checks that the batches exist.
   *
   * @throws Refusal {@code unknown-batch} when the caller does not see one
   */
  public void checkPredecessors(StartRequest request) {
    List<Condition> conditions = request.predecessors().conditions();
    if (conditions.isEmpty() || callers.current().projects().isAll()) {
      return;
    }
    Map<Long, BatchView> found =
        history.find(conditions.stream().map(Condition::batch).distinct().toList());
    for (Condition condition : conditions) {
      BatchView batch = found.get(condition.batch());
      if (batch == null || !callers.current().sees(batch.project())) {
        throw new Refusal(ProblemType.UNKNOWN_BATCH.code(), Map.of("batch", condition.batch()));
      }
    }
  }

  /**
   * Checks that the caller has a role or a higher one.
   *
   * @throws Refusal when the caller's role is lower
   */
  public void need(Role role) {
    if (!callers.current().is(role)) {
      throw new Refusal(ProblemType.FORBIDDEN.code(), Map.of("role", role.code()));
    }
  }
}
