package dev.rowmill.dispatch.statement;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;

/** Finds saved statements, in the work of a {@link dev.rowmill.database.ControlTransactions}. */
@ApplicationScoped
class StatementRepository implements PanacheRepositoryBase<StatementEntity, String> {}
