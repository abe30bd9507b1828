package dev.rowmill.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Runs scripts with the command-line client of the server's family against the database of a
 * {@code @QuarkusTest}: {@code mysql} inside the folder {@code testing.chroot}, or the {@code
 * mariadb} of the system.
 */
public final class CommandLineClient {

  private CommandLineClient() {}

  /** Runs a script, which must end without an error, and returns what the client prints. */
  public static String run(String script) throws IOException, InterruptedException {
    return run(script, true);
  }

  /** Runs a script, which must end with an error, and returns what the client prints. */
  public static String fail(String script) throws IOException, InterruptedException {
    return run(script, false);
  }

  private static String run(String script, boolean succeeds)
      throws IOException, InterruptedException {
    Path file = Files.createTempFile("rowmill-script", ".sql");
    try {
      Files.writeString(file, script, StandardCharsets.UTF_8);
      Process client =
          new ProcessBuilder(command())
              .redirectInput(file.toFile())
              .redirectErrorStream(true)
              .start();
      String output = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(succeeds, client.waitFor() == 0, output);
      return output;
    } finally {
      Files.delete(file);
    }
  }

  private static List<String> command() {
    String url = property("quarkus.datasource.jdbc.url").substring("jdbc:".length());
    URI server = URI.create(url);
    String chroot = System.getProperty("testing.chroot");
    List<String> command = new ArrayList<>();
    if (chroot == null) {
      command.add(SystemProgram.demand("mariadb"));
    } else {
      command.addAll(List.of("chroot", chroot, "mysql"));
    }
    command.addAll(
        List.of(
            "--no-defaults",
            "--protocol=TCP",
            "--host=" + server.getHost(),
            "--port=" + server.getPort(),
            "--user=" + property("quarkus.datasource.username"),
            "--password=" + property("quarkus.datasource.password")));
    return command;
  }

  private static String property(String name) {
    return ConfigProvider.getConfig().getValue(name, String.class);
  }
}
