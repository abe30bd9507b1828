package dev.rowmill.cli;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Writes the manual page of the command line as roff, for {@code man}. Stateless. */
final class ManualPage {

  private ManualPage() {}

  static String of(CommandLine rowmill) {
    StringBuilder page = new StringBuilder();
    page.append(".TH ROWMILL 1\n.SH NAME\nrowmill \\- ");
    page.append(text(String.join(" ", rowmill.getCommandSpec().usageMessage().description())));
    page.append("\n.SH SYNOPSIS\n.B rowmill\n[COMMAND] [OPTIONS]\n.SH COMMANDS\n");
    describe(page, rowmill);
    page.append(".SH EXIT STATUS\n");
    for (String line : rowmill.getCommandSpec().usageMessage().footer()) {
      String[] parts = line.strip().split(" +", 2);
      page.append(".TP\n").append(parts[0]).append('\n').append(text(parts[1])).append('\n');
    }
    page.append(
        """
        .SH ENVIRONMENT
        .TP
        ROWMILL_SERVER
        Address of the service.
        .TP
        ROWMILL_TOKEN, ROWMILL_TOKEN_FILE
        The token, or a file with it.
        """);
    return page.toString();
  }

  private static void describe(StringBuilder page, CommandLine parent) {
    for (Map.Entry<String, CommandLine> command : parent.getSubcommands().entrySet()) {
      CommandLine line = command.getValue();
      if (!line.getSubcommands().isEmpty()) {
        describe(page, line);
        continue;
      }
      Help help = line.getHelp();
      page.append(".SS ").append(text(help.synopsis(0).strip().replaceAll("\\s+", " ")));
      page.append('\n');
      page.append(text(String.join(" ", line.getCommandSpec().usageMessage().description())));
      page.append('\n');
      for (PositionalParamSpec parameter : line.getCommandSpec().positionalParameters()) {
        entry(page, parameter.paramLabel(), parameter.description());
      }
      for (OptionSpec option : line.getCommandSpec().options()) {
        String label = option.arity().max() == 0 ? "" : " " + option.paramLabel();
        entry(page, String.join(", ", option.names()) + label, option.description());
      }
    }
  }

  private static void entry(StringBuilder page, String name, String[] description) {
    page.append(".TP\n").append(text(name)).append('\n');
    page.append(text(String.join(" ", description))).append('\n');
  }

  /** Escapes what roff would read as a command. */
  private static String text(String text) {
    String escaped = text.replace("\\", "\\e").replace("-", "\\-");
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }
}
