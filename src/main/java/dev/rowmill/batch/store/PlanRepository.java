package dev.rowmill.batch.store;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;

/** Finds plans; to be called inside a transaction. */
@ApplicationScoped
class PlanRepository implements PanacheRepositoryBase<PlanEntity, String> {}
