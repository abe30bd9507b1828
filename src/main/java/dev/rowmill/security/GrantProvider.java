package dev.rowmill.security;

import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Creates the identity for a valid token or session. Thread-safe. */
@ApplicationScoped
class GrantProvider implements IdentityProvider<Credential> {

  private final Grants grants;
  private final TokenUsage lastUses;

  GrantProvider(Grants grants, TokenUsage lastUses) {
    this.grants = grants;
    this.lastUses = lastUses;
  }

  @Override
  public Class<Credential> getRequestType() {
    return Credential.class;
  }

  @Override
  public Uni<SecurityIdentity> authenticate(
      Credential credential, AuthenticationRequestContext context) {
    @Nullable Optional<Grant> known = grants.known(credential);
    return known != null
        ? Uni.createFrom().item(() -> identity(credential, known))
        : context.runBlocking(() -> identity(credential, grants.find(credential)));
  }

  private SecurityIdentity identity(Credential credential, Optional<Grant> found) {
    Grant grant = found.orElseThrow(AuthenticationFailedException::new);
    lastUses.used(grant.token());
    return QuarkusSecurityIdentity.builder()
        .setPrincipal(new QuarkusPrincipal(grant.name()))
        .addRoles(grant.role().codes())
        .addAttribute(Grant.ATTRIBUTE, grant)
        .addAttribute(Credential.ATTRIBUTE, credential)
        .build();
  }
}
