package dev.rowmill.rest.admin;

import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.dispatch.PoolStatus;
import dev.rowmill.dispatch.pool.NodeView;
import dev.rowmill.rest.http.Access;
import dev.rowmill.security.Role;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Lists the nodes and the batches that they run. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Nodes", description = "Processes that run batches")
public class NodeResource {

  private final PoolStatus pools;
  private final Access access;

  NodeResource(PoolStatus pools, Access access) {
    this.pools = pools;
    this.access = access;
  }

  /** Represents all nodes at one moment. */
  @RegisterForReflection
  @Schema(name = "Nodes", description = "Processes that run batches")
  public record NodesBody(
      @Schema(description = "Nodes, oldest first") List<NodeView> nodes,
      @Schema(description = "Whether the nodes form a cluster; otherwise there is only this one")
          boolean cluster) {}

  @GET
  @Path("/nodes")
  @RolesAllowed(Role.Names.VIEWER)
  @Operation(
      summary = "List the nodes",
      description =
          "Returns the processes that share the work on this database, and the batches that each"
              + " one runs. A node that has not been seen for rowmill.cluster.takeover is not"
              + " alive, and is removed later. Batches of projects that the caller does not see are"
              + " counted, but not named.")
  @APIResponse(responseCode = "200", description = "The nodes at this moment")
  public NodesBody listNodes() {
    ProjectPatterns seen = access.seen();
    return new NodesBody(
        pools.nodes().stream().map(node -> node.hiding(seen::include)).toList(), pools.isCluster());
  }
}
