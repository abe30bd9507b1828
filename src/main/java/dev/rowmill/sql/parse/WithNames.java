package dev.rowmill.sql.parse;

import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;

/** Tracks the names that WITH clauses define, and where they are visible. */
final class WithNames {

  private final Findings findings;
  private final Set<String> defined = new LinkedHashSet<>();

  /** Stores the names that are visible at the current position, on top of those around it. */
  private final Deque<Set<String>> visible = new ArrayDeque<>();

  WithNames(Findings findings) {
    this.findings = findings;
    visible.push(Set.of());
  }

  /** Returns all names that the statement defines. */
  Set<String> defined() {
    return defined;
  }

  /** Returns the current position, for {@link #leave}. */
  int enter() {
    return visible.size();
  }

  /** Makes the names invisible again that were added since a position. */
  void leave(int position) {
    while (visible.size() > position) {
      visible.pop();
    }
  }

  void define(String name) {
    defined.add(name);
  }

  /** Makes a name visible from the current position on. */
  void add(String name) {
    Set<String> names = new LinkedHashSet<>(visible.element());
    names.add(name);
    visible.push(names);
  }

  /** Returns whether a name is defined by a WITH clause. Servers treat its case differently. */
  boolean isVisible(TableName name) {
    if (name.schema() != null) {
      return false;
    }
    Set<String> names = visible.element();
    if (!names.contains(name.name()) && names.stream().anyMatch(name.name()::equalsIgnoreCase)) {
      findings.reject(Reason.of("with-name-case", "name", name.name()));
    }
    return names.contains(name.name());
  }
}
