package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import io.quarkus.hibernate.orm.panache.PanacheRepository;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/** Finds batches; to be called inside a transaction. */
@ApplicationScoped
class BatchRepository implements PanacheRepository<Batch> {

  Optional<Batch> byStartKey(String startKey) {
    return find("startKey", startKey).firstResultOptional();
  }

  Optional<Batch> activeOf(String project) {
    return find("project = ?1 and status in ?2", project, BatchStatus.ACTIVE).firstResultOptional();
  }

  List<Batch> withStatus(BatchStatus status) {
    return list("status = ?1 order by id", status);
  }
}
