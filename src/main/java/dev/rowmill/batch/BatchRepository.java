package dev.rowmill.batch;

import io.quarkus.hibernate.orm.panache.PanacheRepository;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds batches; to be called inside a transaction. */
@ApplicationScoped
class BatchRepository implements PanacheRepository<Batch> {

  private static final Set<BatchStatus> LIVE =
      Arrays.stream(BatchStatus.values())
          .filter(status -> !status.isFinal())
          .collect(Collectors.toUnmodifiableSet());

  Optional<Batch> byStartKey(String startKey) {
    return find("startKey", startKey).firstResultOptional();
  }

  Optional<Batch> activeOf(String project) {
    return find("project = ?1 and status in ?2", project, BatchStatus.ACTIVE).firstResultOptional();
  }

  /** The one that holds the project, or else the head of its line. */
  Optional<Batch> activeOrFirstWaitingOf(String project) {
    return find(
            "project = ?1 and status in ?2 order by case status when ?3 then 1 else 0 end, id",
            project,
            LIVE,
            BatchStatus.WAITING)
        .firstResultOptional();
  }

  List<Batch> withStatus(BatchStatus status) {
    return list("status = ?1 order by id", status);
  }
}
