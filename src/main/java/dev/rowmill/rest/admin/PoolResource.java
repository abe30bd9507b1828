package dev.rowmill.rest.admin;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.dispatch.PoolStatus;
import dev.rowmill.dispatch.pool.PoolView;
import dev.rowmill.rest.http.Access;
import dev.rowmill.security.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Shows the thread pool, the queue and the serial queue. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Pool", description = "Shows the threads that run batches")
class PoolResource {

  private final PoolStatus pools;
  private final BatchHistory history;
  private final Access access;

  PoolResource(PoolStatus pools, BatchHistory history, Access access) {
    this.pools = pools;
    this.history = history;
    this.access = access;
  }

  @GET
  @Path("/pool")
  @RolesAllowed(Role.Names.VIEWER)
  @Operation(
      summary = "Show the pool",
      description =
          "Returns the threads and the batches that they run, the accepted batches without a"
              + " thread, and the serial queue. In a cluster, covers all nodes. Batches of projects"
              + " that the caller does not see are counted, but not named.")
  @APIResponse(responseCode = "200", description = "The pool at this moment")
  public PoolView getPool() {
    PoolView pool = pools.pool();
    ProjectPatterns seen = access.seen();
    if (seen.isAll()) {
      return pool;
    }
    Map<Long, BatchView> serial = history.find(pool.serial().ids());
    return pool.hiding(
        seen::include,
        id ->
            Optional.ofNullable(serial.get(id)).filter(b -> seen.include(b.project())).isPresent());
  }
}
