package dev.rowmill.security;

import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.security.HttpSecurityPolicy;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Permits a request only for viewers whose token covers all projects. Protects resources that show
 * data of all projects at once.
 */
@ApplicationScoped
class AllProjectsViewer implements HttpSecurityPolicy {

  @Override
  public String name() {
    return "viewer-of-all";
  }

  @Override
  public Uni<CheckResult> checkPermission(
      RoutingContext request, Uni<SecurityIdentity> asking, AuthorizationRequestContext context) {
    return asking.map(
        identity -> {
          Grant grant = identity.getAttribute(Grant.ATTRIBUTE);
          boolean all = grant == null || grant.projects().isAll();
          return identity.hasRole(Role.Names.VIEWER) && all ? CheckResult.PERMIT : CheckResult.DENY;
        });
  }
}
