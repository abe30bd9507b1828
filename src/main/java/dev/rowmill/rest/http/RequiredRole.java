package dev.rowmill.rest.http;

import jakarta.annotation.security.RolesAllowed;
import java.lang.reflect.Method;
import org.jboss.resteasy.reactive.server.SimpleResourceInfo;

/** Tells which role a resource's method is for. Stateless. */
final class RequiredRole {

  private RequiredRole() {}

  /** The role's code; that of admins where the method names none. */
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
