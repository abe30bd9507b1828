package dev.rowmill.rest.http;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.container.ResourceInfo;
import java.util.Objects;
import java.util.stream.Stream;

/** Determines the role that a resource's method requires. Stateless. */
final class RequiredRole {

  private RequiredRole() {}

  /**
   * Returns the code of the role, which is admin when neither the method nor its class names one.
   */
  static String of(ResourceInfo resource) {
    return Stream.of(resource.getResourceMethod(), resource.getResourceClass())
        .map(declared -> declared.getAnnotation(RolesAllowed.class))
        .filter(Objects::nonNull)
        .findFirst()
        .map(needed -> needed.value()[0])
        .orElse("admin");
  }
}
