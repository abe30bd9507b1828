package dev.rowmill.security;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;

/** Finds sessions, in the work of a {@link dev.rowmill.database.ControlTransactions}. */
@ApplicationScoped
class SessionRepository implements PanacheRepositoryBase<SessionEntity, byte[]> {}
