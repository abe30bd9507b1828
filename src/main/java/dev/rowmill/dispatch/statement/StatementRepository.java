package dev.rowmill.dispatch.statement;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;

/** Finds saved statements; to be called inside a transaction. */
@ApplicationScoped
class StatementRepository implements PanacheRepositoryBase<StatementEntity, String> {}
