package dev.rowmill.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Holds what all client commands share: the service that they call, and how they print. Not
 * thread-safe.
 */
@RegisterForReflection
final class Session {

  /** Represents how resources are printed. */
  enum Format {
    table,
    json
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Holds the variables of the environment. */
  private final Map<String, String> environment;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Option(
      names = "--server",
      paramLabel = "URL",
      description = "Address of the service; default: $$ROWMILL_SERVER or http://127.0.0.1:8080.")
  private @Nullable URI server;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "File with the token; default: $$ROWMILL_TOKEN_FILE, or the token itself in "
              + "$$ROWMILL_TOKEN.")
  private @Nullable Path tokenFile;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.",
      defaultValue = "table")
  private Format format = Format.table;

  Session() {
    this(System.getenv());
  }

  Session(Map<String, String> environment) {
    this.environment = environment;
  }

  private @Nullable Api api;

  /**
   * Returns the client of the service.
   *
   * @throws CommandException when the address or the token is invalid
   */
  Api api() {
    if (api == null) {
      api = new Api(server(), token());
    }
    return api;
  }

  PrintWriter out() {
    return command().commandLine().getOut();
  }

  /** Returns where messages go that are no result, such as the progress. */
  PrintWriter err() {
    return command().commandLine().getErr();
  }

  /** Prints a resource: as JSON, or as the text. */
  void print(JsonNode resource, String text) {
    if (format == Format.json) {
      out().println(pretty(resource));
    } else {
      out().print(text.endsWith("\n") || text.isEmpty() ? text : text + "\n");
    }
    out().flush();
  }

  /** Prints a message for a person, which is no result. */
  void say(String message) {
    err().println(message);
    err().flush();
  }

  static String pretty(JsonNode resource) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(resource);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private CommandSpec command() {
    if (spec == null) {
      throw new IllegalStateException("not a mixin of a command");
    }
    return spec;
  }

  private URI server() {
    if (server != null) {
      return valid(server);
    }
    String configured = environment.getOrDefault("ROWMILL_SERVER", "http://127.0.0.1:8080");
    try {
      return valid(URI.create(configured));
    } catch (IllegalArgumentException e) {
      throw invalid(configured);
    }
  }

  private static URI valid(URI server) {
    String scheme = server.getScheme();
    if (!("http".equals(scheme) || "https".equals(scheme)) || server.getHost() == null) {
      throw invalid(server.toString());
    }
    return server;
  }

  private static CommandException invalid(String server) {
    return CommandException.refused(
        "The address of the service is not a URL such as http://127.0.0.1:8080: " + server);
  }

  private @Nullable String token() {
    Path file = tokenFile;
    if (file == null) {
      String token = environment.get("ROWMILL_TOKEN");
      if (token != null && !token.isBlank()) {
        return token.strip();
      }
      String named = environment.get("ROWMILL_TOKEN_FILE");
      if (named == null || named.isBlank()) {
        return null;
      }
      file = Path.of(named);
    }
    try {
      String token = Files.readString(file, StandardCharsets.UTF_8).strip();
      if (token.isEmpty() || token.lines().count() > 1) {
        throw CommandException.refused("Not one line with a token: " + file);
      }
      return token;
    } catch (IOException e) {
      throw CommandException.refused("Can't read the token's file " + file + ".");
    }
  }
}
