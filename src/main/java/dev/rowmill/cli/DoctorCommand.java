package dev.rowmill.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rowmill.doctor.Doctor;
import dev.rowmill.doctor.Finding;
import dev.rowmill.doctor.Finding.Severity;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Checks what a service on this machine needs, and the service itself if it runs. */
@RegisterForReflection
@Command(
    name = "doctor",
    description = {
      "Check the configuration, the database and the service, and say what to do.",
      "Reads the configuration that the service reads, on its machine. Changes nothing."
    })
final class DoctorCommand implements Callable<Integer> {

  @Mixin private Session session = new Session();

  @Override
  public Integer call() {
    // Other commands log nothing, and do without the log manager that the libraries expect.
    System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
    Api service = session.api();
    List<Finding> findings = new ArrayList<>(Doctor.examine());
    findings.add(ServiceCheck.of(service));
    session.print(json(findings), text(findings));
    long errors = count(findings, Severity.ERROR);
    session.say("Errors: " + errors + ", warnings: " + count(findings, Severity.WARNING) + ".");
    return errors == 0 ? ExitCode.SUCCEEDED : ExitCode.REFUSED;
  }

  private static long count(List<Finding> findings, Severity severity) {
    return findings.stream().filter(finding -> finding.severity() == severity).count();
  }

  /** Returns a line for each finding, and below it another one with the advice. */
  private static String text(List<Finding> findings) {
    StringBuilder text = new StringBuilder();
    for (Finding finding : findings) {
      text.append(String.format("%-8s", name(finding.severity())));
      text.append(finding.check()).append(": ").append(finding.found()).append('\n');
      if (!finding.advice().isEmpty()) {
        text.append("        -> ").append(finding.advice()).append('\n');
      }
    }
    return text.toString();
  }

  private static ArrayNode json(List<Finding> findings) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (Finding finding : findings) {
      list.addObject()
          .put("check", finding.check())
          .put("severity", name(finding.severity()))
          .put("found", finding.found())
          .put("advice", finding.advice());
    }
    return list;
  }

  private static String name(Severity severity) {
    return severity.name().toLowerCase(Locale.ROOT);
  }
}
