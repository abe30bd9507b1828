package dev.rowmill.rest.http;

import java.util.Set;

/** Provides the names of the members of bodies that the audit copies, in their order. */
public interface AuditedMembers {
  Set<String> names();
}
