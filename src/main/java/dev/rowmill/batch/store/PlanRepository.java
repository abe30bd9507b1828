package dev.rowmill.batch.store;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;

/** Finds plans, in the work of a {@link dev.rowmill.database.ControlTransactions}. */
@ApplicationScoped
class PlanRepository implements PanacheRepositoryBase<PlanEntity, String> {}
