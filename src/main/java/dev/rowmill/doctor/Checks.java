package dev.rowmill.doctor;

import dev.rowmill.database.ErrorText;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Runs checks one after the other, and collects their findings. For one thread. */
final class Checks {

  private final List<Finding> findings = new ArrayList<>();

  /** Represents one check. */
  interface Check {
    List<Finding> run() throws SQLException;
  }

  /** Represents a check with exactly one finding. */
  interface OneCheck {
    Finding run() throws SQLException;
  }

  /** Runs a check. Its failure is a finding too, and does not end the others. */
  void all(String name, Check check) {
    try {
      findings.addAll(check.run());
    } catch (SQLException | RuntimeException e) {
      findings.add(
          Finding.error(
              name,
              "can't be checked: " + ErrorText.of(e),
              "Correct the cause, and run rowmill doctor again."));
    }
  }

  /** Runs a check with one finding; see {@link #all}. */
  void one(String name, OneCheck check) {
    all(name, () -> List.of(check.run()));
  }

  void add(Finding finding) {
    findings.add(finding);
  }

  List<Finding> findings() {
    return List.copyOf(findings);
  }
}
