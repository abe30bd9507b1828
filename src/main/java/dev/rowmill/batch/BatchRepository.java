package dev.rowmill.batch;

import io.quarkus.hibernate.orm.panache.PanacheRepository;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds batches; to be called inside a transaction. */
@ApplicationScoped
class BatchRepository implements PanacheRepository<Batch> {

  // Asked at the end of each batch, mostly for nothing. Native and without a class for the result:
  // with a list of values or with such a class the plan is made anew each time.
  private static final String ACTIVE_OR_FIRST_WAITING =
      "SELECT id FROM batch WHERE project = ?1 AND status IN ("
          + Arrays.stream(BatchStatus.values())
              .filter(status -> !status.isFinal())
              .map(status -> "'" + status + "'")
              .collect(Collectors.joining(", "))
          + ") ORDER BY status = '"
          + BatchStatus.WAITING
          + "', id LIMIT 1";

  Optional<Batch> byStartKey(String startKey) {
    return find("startKey", startKey).firstResultOptional();
  }

  Optional<Batch> activeOf(String project) {
    return find("project = ?1 and status in ?2", project, BatchStatus.ACTIVE).firstResultOptional();
  }

  /** The one that holds the project, or else the head of its line. */
  Optional<Batch> activeOrFirstWaitingOf(String project) {
    return getEntityManager()
        .createNativeQuery(ACTIVE_OR_FIRST_WAITING)
        .setParameter(1, project)
        .getResultList()
        .stream()
        .findFirst()
        .map(id -> findById(((Number) id).longValue()));
  }

  List<Batch> withStatus(BatchStatus status) {
    return list("status = ?1 order by id", status);
  }
}
