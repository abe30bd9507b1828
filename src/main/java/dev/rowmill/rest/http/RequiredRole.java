package dev.rowmill.rest.http;

import jakarta.annotation.security.RolesAllowed;
import java.lang.reflect.Method;
import org.jboss.resteasy.reactive.server.SimpleResourceInfo;

/** Determines the role that a resource's method requires. Stateless. */
final class RequiredRole {

  private RequiredRole() {}

  /**
   * Returns the code of the role, which is admin when neither the method nor its class names one.
   */
  static String of(SimpleResourceInfo resource) {
    Class<?> type = resource.getResourceClass();
    RolesAllowed needed = null;
    for (Method method : type.getDeclaredMethods()) {
      if (method.getName().equals(resource.getMethodName()) && needed == null) {
        needed = method.getAnnotation(RolesAllowed.class);
      }
    }
    if (needed == null) {
      needed = type.getAnnotation(RolesAllowed.class);
    }
    return needed == null ? "admin" : needed.value()[0];
  }
}
